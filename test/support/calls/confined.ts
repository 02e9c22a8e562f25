import { tools } from '../../../build/tools.ts';
import type { Host, Ran } from '../host/host.ts';
import { type Call, environment } from './call.ts';
import { containerdsSeccomp } from './seccomp.ts';

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

/** What hardened nodes do to programs. The executables work under each of them. */
export const CONFINEMENTS: readonly Confinement[] = [
  shell('64 MB of address space', 'ulimit -v 65536'),
  shell('16 open files', 'ulimit -n 16'),
  shell('files that may not grow', 'ulimit -f 0'),
  shell('1 MB of stack', 'ulimit -s 1024'),
  shell('a working directory that was deleted', 'there=$(mktemp -d) && cd "$there" && rmdir "$there"'),
  perl('no memory that is writable and executable', DENY_WRITE_EXECUTE),
  { name: '16 MB of memory', words: ['/bin/sh', '-c', SMALL_MEMORY, 'sh'] },
  {
    name: 'a bare root directory that is read-only',
    words: ['/usr/bin/unshare', '--mount', '/bin/sh', '-ec', BARE_ROOT, 'sh'],
  },
  perl("system calls as in containerd's default profile", ...containerdsSeccomp(PRCTL)),
];

/** A call by a runtime that takes something away from the plugin. */
export function callConfined(host: Host, { words }: Confinement, call: Call): Promise<Ran> {
  const [program = '', ...args] = words;
  const input = typeof call.conf === 'string' ? call.conf : JSON.stringify(call.conf);
  const plugin = `${tools().bin}/${call.plugin ?? 'calico'}`;
  return host.run(program, [...args, plugin], { env: environment(call), input });
}
