/** A command line that runs a program confined: its caller denies something that the executables need. */
export interface Confinement {
  readonly name: string;
  readonly words: readonly string[];
}

/** PR_SET_MDWE with PR_MDWE_REFUSE_EXEC_GAIN (linux/prctl.h), as systemd sets it for MemoryDenyWriteExecute; Linux 6.3 on. */
const PRCTL = process.arch === 'arm64' ? 167 : 157;
const DENY_WRITE_EXECUTE = `syscall(${PRCTL}, 65, 1, 0, 0, 0) == 0 or die "prctl: $!"; exec { $ARGV[0] } @ARGV or die $!`;

const addressSpace = (megabytes: number): Confinement => ({
  name: `${megabytes} MB of address space`,
  words: ['/bin/bash', '-c', `ulimit -v ${megabytes * 1000}; exec "$@"`, 'bash'],
});

const NO_WRITABLE_CODE: Confinement = {
  name: 'no memory that is writable and executable',
  words: ['/usr/bin/perl', '-e', DENY_WRITE_EXECUTE],
};

/** All confinements in which the runtime still starts, but cannot call the C library. */
export const CONFINEMENTS: readonly Confinement[] = [400, 1000, 2000].map(addressSpace).concat(NO_WRITABLE_CODE);
