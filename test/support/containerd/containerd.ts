import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { tools } from '../../../build/tools.ts';
import type { Host, Ran } from '../host/host.ts';
import type { Conf } from '../stored/cluster.ts';

const FOLDER = '/run/calico-test/containerd';
const SOCKET = `${FOLDER}/socket`;
/** The root file system of its containers. */
export const ROOTFS = `${FOLDER}/rootfs`;
const APPLETS = ['sh', 'sleep', 'httpd', 'wget', 'ip', 'ping'];

/** A separate containerd on a test machine, with our plugin as its only network. */
export interface Containerd {
  /** The path of its socket on the machine. */
  readonly socket: string;
  /** Runs containerd's command line tool. */
  ctr(...words: readonly string[]): Promise<Ran>;
  /** Starts `ctr run` in the foreground for a container; it ends with the container. */
  run(name: string, ...command: readonly string[]): ChildProcess;
  stop(): Promise<void>;
}

/**
 * Starts containerd with /opt/cni/bin and /etc/cni/net.d as on a node, and a root file system of busybox. With `cri`, a part of
 * its configuration, its service for Kubernetes is on. Without `plugins` the node is as before our plugin is installed.
 */
export async function startContainerd(
  host: Host,
  plugins: readonly Conf[] | undefined,
  cri?: string,
): Promise<Containerd> {
  await furnish(host, plugins, cri);
  const { path = '', libraries = '' } = tools().containerd ?? {};
  const { iptables = '/sbin' } = tools();
  const env = { PATH: `${path}:${iptables}:/usr/sbin:/usr/bin:/sbin:/bin`, LD_LIBRARY_PATH: libraries };
  const start = (...words: readonly string[]) => {
    const [program = '', ...enter] = host.enter();
    return spawn(program, [...enter, ...words], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  };
  const places = ['--root', `${FOLDER}/root`, '--state', `${FOLDER}/state`, '--address', SOCKET];
  const daemon = start('setpriv', '--pdeathsig', 'KILL', 'containerd', '--config', `${FOLDER}/config.toml`, ...places);
  daemon.stdout?.resume();
  daemon.stderr?.resume();
  const ctr = (...words: readonly string[]) => host.run('ctr', ['--address', SOCKET, ...words], { env });
  for (let tries = 0; (await ctr('version')).exit !== 0; tries++) {
    if (tries > 100) throw new Error('containerd does not answer');
    await sleep(50);
  }
  return {
    socket: SOCKET,
    ctr,
    run: (name, ...command) => {
      // Not nested: the upper cgroup would stay behind on the real machine.
      const cgroup = ['--cgroup', `/calico-test-${host.pid}-${name}`];
      return start('ctr', '--address', SOCKET, 'run', '--rm', '--cni', ...cgroup, '--rootfs', ROOTFS, name, ...command);
    },
    stop: async () => {
      // A container outlives the daemon.
      const tasks = (await ctr('task', 'ls', '-q')).stdout.split('\n').filter(Boolean);
      for (const name of tasks) await ctr('task', 'kill', '-s', 'KILL', name);
      daemon.kill('SIGTERM');
      await once(daemon, 'exit');
    },
  };
}

async function furnish(host: Host, plugins: readonly Conf[] | undefined, cri: string | undefined): Promise<void> {
  await host.must('sh', [
    '-ec',
    'mount -t tmpfs tmpfs /opt; mount -t tmpfs tmpfs /etc/cni; mkdir -p /opt/cni/bin /etc/cni/net.d',
  ]);
  furnishPlugins(host, plugins);
  const { containerd } = tools();
  for (const folder of ['bin', 'proc', 'sys', 'dev', 'etc', 'tmp', 'www']) {
    mkdirSync(host.file(`${ROOTFS}/${folder}`), { recursive: true });
  }
  copyFileSync(containerd?.busybox ?? '', host.file(`${ROOTFS}/bin/busybox`));
  for (const applet of APPLETS) symlinkSync('busybox', host.file(`${ROOTFS}/bin/${applet}`));
  writeFileSync(host.file(`${ROOTFS}/www/index.html`), 'hello from containerd\n');
  const disabled = [
    ...(cri === undefined ? ['grpc.v1.cri'] : []),
    'snapshotter.v1.btrfs',
    'snapshotter.v1.zfs',
    'snapshotter.v1.devmapper',
    'snapshotter.v1.aufs',
  ];
  const names = disabled.map((name) => JSON.stringify(`io.containerd.${name}`));
  const config = `version = 2\ndisabled_plugins = [${names.join(', ')}]\n${cri ?? ''}`;
  writeFileSync(host.file(`${FOLDER}/config.toml`), config);
}

function furnishPlugins(host: Host, plugins: readonly Conf[] | undefined): void {
  const { bin, plugins: reference } = tools();
  for (const name of ['portmap', 'bandwidth', 'tuning', 'loopback']) {
    symlinkSync(`${reference}/${name}`, host.file(`/opt/cni/bin/${name}`));
  }
  if (plugins === undefined) return;
  for (const name of ['calico', 'calico-ipam']) symlinkSync(`${bin}/${name}`, host.file(`/opt/cni/bin/${name}`));
  const list = { cniVersion: '1.0.0', name: 'k8s-pod-network', plugins };
  writeFileSync(host.file('/etc/cni/net.d/10-calico.conflist'), JSON.stringify(list));
}
