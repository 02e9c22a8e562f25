/** How the caller of an executable takes something away from it. */
export interface Confinement {
  readonly name: string;
  readonly words: readonly string[];
}

/** PR_SET_MDWE with PR_MDWE_REFUSE_EXEC_GAIN (linux/prctl.h), as systemd sets it for MemoryDenyWriteExecute; Linux 6.3 on. */
const PRCTL = process.arch === 'arm64' ? 167 : 157;
const DENY_WRITE_EXECUTE = `syscall(${PRCTL}, 65, 1, 0, 0, 0) == 0 or die "prctl: $!"; exec { $ARGV[0] } @ARGV or die $!`;

const shell = (name: string, before: string): Confinement => ({
  name,
  words: ['/bin/sh', '-c', `${before}; exec "$@"`, 'sh'],
});

/** What hardened nodes do to programs. The executables work under each of them. */
export const CONFINEMENTS: readonly Confinement[] = [
  shell('64 MB of address space', 'ulimit -v 65536'),
  shell('16 open files', 'ulimit -n 16'),
  shell('1 MB of stack', 'ulimit -s 1024'),
  shell('a working directory that was deleted', 'there=$(mktemp -d) && cd "$there" && rmdir "$there"'),
  { name: 'no memory that is writable and executable', words: ['/usr/bin/perl', '-e', DENY_WRITE_EXECUTE] },
];
