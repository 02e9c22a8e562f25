import { tools } from '../../../build/tools.ts';
import type { Host, Ran } from '../host/host.ts';
import { type Call, environment } from './call.ts';

/** How the caller of an executable takes something away from it. */
export interface Confinement {
  readonly name: string;
  readonly words: readonly string[];
}

const isArm = process.arch === 'arm64';
const PRCTL = isArm ? 167 : 157;

const shell = (name: string, before: string): Confinement => ({
  name,
  words: ['/bin/sh', '-c', `${before}; exec "$@"`, 'sh'],
});

const perl = (name: string, script: string, ...args: readonly string[]): Confinement => ({
  name,
  words: ['/usr/bin/perl', '-e', `${script}\nexec { $ARGV[0] } @ARGV or die $!`, ...args],
});

/** PR_SET_MDWE with PR_MDWE_REFUSE_EXEC_GAIN (linux/prctl.h), as systemd sets it for MemoryDenyWriteExecute; Linux 6.3 on. */
const DENY_WRITE_EXECUTE = `syscall(${PRCTL}, 65, 1, 0, 0, 0) == 0 or die "prctl: $!";`;

/** A memory cgroup of its own, with the first or the second version of cgroups. The kernel may keep it busy for a moment after its last process. */
const SMALL_MEMORY = `
if [ -d /sys/fs/cgroup/memory ]; then top=/sys/fs/cgroup/memory limit=memory.limit_in_bytes
else top=/sys/fs/cgroup limit=memory.max; echo +memory > $top/cgroup.subtree_control; fi
mkdir $top/calico-$$ && echo 16M > $top/calico-$$/$limit || exit 70
(echo 0 > $top/calico-$$/cgroup.procs; exec "$@"); status=$?
for try in 1 2 3 4 5 6 7 8 9; do rmdir $top/calico-$$ 2>/dev/null && break; sleep 0.1; done
exit $status`;

/**
 * A root directory that cannot be written to and has no /tmp, /etc, /dev and /bin: only the executables, /proc, /sys, and the
 * folders that a node gives its plugins.
 */
const BARE_ROOT = `
root=/mnt bin=$(dirname "$1")
mount -t tmpfs tmpfs $root
for each in "$bin" /proc /sys /run /var/lib/calico /var/log/calico; do
  mkdir -p "$root$each"; mount --rbind "$each" "$root$each"; done
ln -s /run $root/var/run; mount -o remount,bind,ro $root
exec chroot $root "$@"`;

/** System calls that containerd's default profile forbids, even with CAP_SYS_ADMIN, which entering a namespace takes. */
const FORBIDDEN = isArm
  ? '41,51,58,60,89,104,105,106,112,117,142,170,171,217,218,219,224,225,235,236,237,238,239,265,266,270,271,272,273,282,294,425,426,427'
  : `101,134,136,139,153,155,156,159,161,163,164,167,168,169,172,173,174,175,176,177,178,179,180,227,237,238,239,246,248,249,
     250,256,279,304,305,310,311,312,313,320,323,425,426,427`;
/** The newest call that old profiles know: faccessat2. */
const NEWEST = 439;
/** A filter (linux/filter.h): EPERM for what is forbidden, ENOSYS for what is newer, as containerd and runc do. */
const SECCOMP = `
my $filter = pack("SCCL", 0x20, 0, 0, 0);
$filter .= pack("SCCLSCCL", 0x15, 0, 1, $_, 6, 0, 0, 0x50001) for split(/,\\s*/, shift);
$filter .= pack("SCCLSCCL", 0x25, 0, 1, ${NEWEST}, 6, 0, 0, 0x50026) . pack("SCCL", 6, 0, 0, 0x7fff0000);
syscall(${PRCTL}, 22, 2, pack("Sx6P", length($filter) / 8, $filter)) == 0 or die "prctl: $!";`;

/** What hardened nodes do to programs. The executables work under each of them. */
export const CONFINEMENTS: readonly Confinement[] = [
  shell('64 MB of address space', 'ulimit -v 65536'),
  shell('16 open files', 'ulimit -n 16'),
  shell('1 MB of stack', 'ulimit -s 1024'),
  shell('a working directory that was deleted', 'there=$(mktemp -d) && cd "$there" && rmdir "$there"'),
  perl('no memory that is writable and executable', DENY_WRITE_EXECUTE),
  { name: '16 MB of memory', words: ['/bin/sh', '-c', SMALL_MEMORY, 'sh'] },
  {
    name: 'a bare root directory that is read-only',
    words: ['/usr/bin/unshare', '--mount', '/bin/sh', '-ec', BARE_ROOT, 'sh'],
  },
  perl("system calls as in containerd's default profile", SECCOMP, FORBIDDEN),
];

/** A call by a runtime that takes something away from the plugin. */
export function callConfined(host: Host, { words }: Confinement, call: Call): Promise<Ran> {
  const [program = '', ...args] = words;
  const input = typeof call.conf === 'string' ? call.conf : JSON.stringify(call.conf);
  const plugin = `${tools().bin}/${call.plugin ?? 'calico'}`;
  return host.run(program, [...args, plugin], { env: environment(call), input });
}
