import { execa } from 'execa';

/** The words before a command that has to run as root: none for root, `sudo -n` where it asks no password, else undefined. */
export async function asRoot(): Promise<readonly string[] | undefined> {
  if (process.getuid?.() === 0) return [];
  const { exitCode } = await execa('sudo', ['-n', 'true'], { reject: false, stdio: 'ignore' });
  return exitCode === 0 ? ['sudo', '-n'] : undefined;
}
