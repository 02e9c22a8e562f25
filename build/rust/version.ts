import { execa } from 'execa';

/** The version of a rustc; '' when it does not start. */
export async function versionOf(rustc: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { stdout } = await execa(rustc, ['--version'], { env, reject: false });
  return /^rustc (\d+\.\d+\.\d+)/.exec(String(stdout))?.[1] ?? '';
}

/** Whether a version, such as 1.96.0, is `minimum`, such as 1.87, or newer. */
export function isAtLeast(version: string, minimum: string): boolean {
  const [parts, wanted] = [version, minimum].map((text) => text.split('.').map(Number)) as [number[], number[]];
  const differs = wanted.findIndex((part, index) => part !== (parts[index] ?? 0));
  return version !== '' && (differs < 0 || (parts[differs] ?? 0) > (wanted[differs] ?? 0));
}
