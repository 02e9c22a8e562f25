import { execa } from 'execa';

/**
 * The prefix of a command that must run as root: empty for root, `sudo -n` if it asks for no password, else undefined.
 */
export async function asRoot(): Promise<readonly string[] | undefined> {
  if (process.getuid?.() === 0) return [];
  const { exitCode } = await execa('sudo', ['-n', 'true'], { reject: false, stdio: 'ignore' });
  return exitCode === 0 ? ['sudo', '-n'] : undefined;
}
