/** C libraries that Rust has its own library for. Only executables with musl are static. */
export type Libc = 'musl' | 'gnu';

/** The Rust that is installed: its version, '' if it does not start, and the C libraries it can build for. */
export interface Installed {
  readonly version: string;
  readonly libraries: readonly Libc[];
}

/** A way to a Rust: the installed one with either C library, a fixed version of Rust's own server, or Debian's. */
export type Way = 'installed, musl' | 'server' | 'installed, gnu' | 'debian';

/**
 * The ways to a Rust, best first, and why the installed one is not the best. What builds static executables comes first;
 * what does not is of use only on this machine.
 */
export function waysToRust(
  installed: Installed | undefined,
  minimum: string,
  isForThisMachine: boolean,
): { readonly ways: readonly Way[]; readonly reason: string } {
  const reason = reasonAgainst(installed, minimum);
  const isUsable = (libc: Libc) =>
    installed !== undefined && isAtLeast(installed.version, minimum) && installed.libraries.includes(libc);
  const ways: readonly (readonly [Way, boolean])[] = [
    ['installed, musl', isUsable('musl')],
    ['server', true],
    ['installed, gnu', isForThisMachine && isUsable('gnu')],
    ['debian', isForThisMachine],
  ];
  return { ways: ways.filter(([, isPossible]) => isPossible).map(([way]) => way), reason };
}

function reasonAgainst(installed: Installed | undefined, minimum: string): string {
  if (installed === undefined) return 'No Rust is installed';
  const { version, libraries } = installed;
  if (version === '') return 'The installed Rust does not start';
  if (!isAtLeast(version, minimum)) return `The installed Rust ${version} is older than ${minimum}`;
  return libraries.includes('musl') ? '' : `The installed Rust ${version} has no library for musl`;
}

/** Whether a version, such as 1.96.0, is `minimum`, such as 1.85, or newer. */
export function isAtLeast(version: string, minimum: string): boolean {
  const [parts, wanted] = [version, minimum].map((text) => text.split('.').map(Number)) as [number[], number[]];
  const differs = wanted.findIndex((part, index) => part !== (parts[index] ?? 0));
  return version !== '' && (differs < 0 || (parts[differs] ?? 0) > (wanted[differs] ?? 0));
}
