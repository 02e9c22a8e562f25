import { chmodSync, copyFileSync } from 'node:fs';
import { tools } from '../../../build/tools.ts';
import type { Host, Ran } from '../host/host.ts';
import { startWatching, type Watching } from './watching.ts';

/** A container from an image with calico-install and some plugins, the node's folders mounted as the original's manifest does. */
export interface Image {
  /** Runs calico-install in it. */
  install(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ran>;
  /** Starts `calico-install --watch` in it. The caller stops it. */
  watch(env: Readonly<Record<string, string>>): Watching;
  /** Sets its clock: seconds since the machine started. Until then it has the machine's. */
  setUptime(seconds: number): Promise<void>;
  /** Gives it a pod's service account. */
  mountAccount(account: Account): Promise<void>;
}

/** What Kubernetes mounts into a pod. */
interface Account {
  readonly token: string;
  readonly ca: string;
  readonly namespace: string;
}

const IMAGE = '/run/calico-test/image';
const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The programs and libraries of this machine below a root of their own, and a node's /opt and /etc/cni that are empty. */
const PREPARE = `
mount -t tmpfs tmpfs /opt; mount -t tmpfs tmpfs /etc/cni
mkdir -p /opt/cni/bin /etc/cni/net.d "$1"
mount -t tmpfs tmpfs "$1"
for d in bin sbin lib lib64 usr; do
  if [ -L "/$d" ]; then cp -P "/$d" "$1/$d"; elif [ -d "/$d" ]; then mkdir "$1/$d"; mount --rbind "/$d" "$1/$d"; fi
done
for d in proc sys dev; do mkdir "$1/$d"; mount --rbind "/$d" "$1/$d"; done
for d in opt/cni/bin etc/cni/net.d; do mkdir -p "$1/host/$d" "$1/$d"; mount --bind "/$d" "$1/host/$d"; done
touch "$1/calico-install"; mount --bind "$2/calico-install" "$1/calico-install"`;

/** Starts it; `plugins` are the reference plugins in its /opt/cni/bin. */
export async function openImage(host: Host, plugins: readonly string[]): Promise<Image> {
  await host.must('sh', ['-ec', PREPARE, 'sh', IMAGE, tools().bin]);
  for (const name of plugins) {
    const path = host.file(`${IMAGE}/opt/cni/bin/${name}`);
    copyFileSync(`${tools().plugins}/${name}`, path);
    chmodSync(path, 0o755);
  }
  return {
    install: (args, env) =>
      host.run('chroot', [IMAGE, '/calico-install', ...args], { env: { PATH: '/usr/sbin:/usr/bin', ...env } }),
    watch: (env) => startWatching(host, ['chroot', IMAGE, '/calico-install', '--watch'], env),
    setUptime: (seconds) => setUptime(host, seconds),
    mountAccount: (account) => mountAccount(host, account, `${IMAGE}${ACCOUNT}`),
  };
}

/** The kernel's own file cannot be written, so another takes its place. */
async function setUptime(host: Host, seconds: number): Promise<void> {
  const script = '[ -e "$1" ] || { echo 0 > "$1"; mount --bind "$1" "$2"; }; echo "$3 0" > "$1"';
  await host.must('sh', ['-ec', script, 'sh', '/run/calico-test/uptime', `${IMAGE}/proc/uptime`, seconds.toFixed(2)]);
}

/** Puts a service account's files where a pod has them. */
export async function mountAccount(
  host: Host,
  { token, ca, namespace }: Account,
  folder: string = ACCOUNT,
): Promise<void> {
  const script = 'mkdir -p "$1"; cd "$1"; printf %s "$2" > token; printf %s "$3" > ca.crt; printf %s "$4" > namespace';
  await host.must('sh', ['-ec', script, 'sh', folder, token, ca, namespace]);
}
