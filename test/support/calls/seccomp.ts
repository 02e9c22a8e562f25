import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Profile {
  readonly socket: number;
  readonly allowed: readonly number[];
}

const FILE = join(import.meta.dirname, '../../testdata/seccomp/containerd.json');

/**
 * A filter (linux/filter.h) of a profile: what is not allowed fails with EPERM, what is newer than the profile with ENOSYS, as
 * containerd and runc have it. `socket` is allowed for some families.
 */
const FILTER = `
my ($socket, $domains, $allowed) = map { [split /,/] } splice(@ARGV, 0, 3);
my ($load, $allow, $refuse) = (sub { pack("SCCL", 0x20, 0, 0, shift) }, pack("SCCL", 6, 0, 0, 0x7fff0000), pack("SCCL", 6, 0, 0, 0x50001));
my $filter = $load->(0);
$filter .= pack("SCCL", 0x15, 0, 1, $_) . $allow for @$allowed;
$filter .= pack("SCCL", 0x25, 0, 1, $allowed->[-1]) . pack("SCCL", 6, 0, 0, 0x50026);
$filter .= pack("SCCL", 0x15, 1, 0, $socket->[0]) . $refuse . $load->(16);
$filter .= pack("SCCL", 0x15, 0, 1, $_) . $allow for @$domains;
$filter .= $refuse;`;

/** The script that takes on containerd's default profile, with CAP_SYS_ADMIN, which entering a namespace takes; and its arguments. */
export function containerdsSeccomp(prctl: number): readonly [script: string, ...args: string[]] {
  const { socketDomains, ...profiles } = JSON.parse(readFileSync(FILE, 'utf8'));
  const { socket, allowed }: Profile = profiles[process.arch];
  const set = `syscall(${prctl}, 22, 2, pack("Sx6P", length($filter) / 8, $filter)) == 0 or die "prctl: $!";`;
  return [`${FILTER}\n${set}`, `${socket}`, socketDomains.join(), allowed.join()];
}
