import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { findBirds } from './bird.ts';
import { findPing } from './busybox.ts';
import { findCnitool } from './cnitool.ts';
import { findContainerd } from './containerd.ts';
import { hasApt, unpackedPackage } from './debian.ts';
import { findHost } from './host-program.ts';
import { findIperf3 } from './iperf3.ts';
import { findIptables } from './iptables.ts';
import { findClusterPrograms, findKubernetes } from './kubernetes-programs.ts';
import { onPath } from './on-path.ts';
import { findOriginal } from './original-programs.ts';
import { findOtherProcessor } from './other-processor.ts';
import { findPacketFilters } from './packet-filters.ts';
import { DIST } from './places.ts';
import { asRoot } from './privilege.ts';
import { findNewPlugins } from './reference-plugins.ts';
import { say } from './say.ts';
import type { Tools } from './tools.ts';

export { onPath } from './on-path.ts';

/** Programs that our executables and the tests call, and their packages. */
const HOST_PROGRAMS = {
  ip: 'iproute2',
  tc: 'iproute2',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
};

/**
 * What not every command needs: chained plugins and programs of Kubernetes take minutes to build, openssl makes the tests'
 * certificates, and executables for another processor need a C compiler for it.
 */
export type Extra =
  | 'chain'
  | 'birds'
  | 'kube-apiserver'
  | 'kubelet'
  | 'kubectl'
  | 'cluster'
  | 'openssl'
  | 'original'
  | 'packet-filters'
  | 'other-processor'
  | 'prometheus';

/**
 * Fetches whatever is missing into .cache. Parts whose behaviour matters to tests always come from there, whatever is
 * installed. Only tools such as ip and unshare are the machine's.
 */
export async function setup(extras: readonly Extra[]): Promise<Tools> {
  await installMissing(extras.includes('openssl') ? { ...HOST_PROGRAMS, openssl: 'openssl' } : HOST_PROGRAMS);
  const chained = extras.includes('chain');
  const [etcd, etcdctl, plugins, ping, kubeApiserver] = await Promise.all([
    packaged('etcd-server', 'usr/bin/etcd'),
    packaged('etcd-client', 'usr/bin/etcdctl'),
    packaged('containernetworking-plugins', 'usr/lib/cni'),
    findPing(),
    extras.includes('kube-apiserver') ? findKubernetes('kube-apiserver') : undefined,
  ]);
  // Afterwards, because each build uses the whole machine.
  const built = {
    ...(chained ? await findChained() : {}),
    ...(kubeApiserver === undefined ? {} : { kubeApiserver }),
    ...(await findOthers(extras)),
  };
  return { etcd, etcdctl, plugins, ping, ...built, host: await findHost(), bin: DIST };
}

/** The programs that few tests need, one after another. */
async function findOthers(extras: readonly Extra[]): Promise<Partial<Tools>> {
  const found: { -readonly [Name in keyof Tools]?: Tools[Name] } = {};
  const add = async <Name extends keyof Tools>(
    extra: Extra,
    name: Name,
    find: () => Promise<Tools[Name] | undefined>,
  ): Promise<void> => {
    const program = extras.includes(extra) ? await find() : undefined;
    if (program !== undefined) found[name] = program;
  };
  await add('kubelet', 'kubelet', () => findKubernetes('kubelet'));
  await add('kubectl', 'kubectl', () => findKubernetes('kubectl'));
  await add('cluster', 'clusterPrograms', findClusterPrograms);
  await add('other-processor', 'otherProcessor', findOtherProcessor);
  await add('packet-filters', 'packetFilters', findPacketFilters);
  await add('original', 'original', findOriginal);
  await add('birds', 'birds', findBirds);
  await add('prometheus', 'prometheus', async () => dirname(await packaged('prometheus', 'usr/bin/prometheus')));
  return found;
}

/**
 * The programs for tests of plugin chains, if available. They are built one after another, because each build uses the
 * whole machine.
 */
async function findChained(): Promise<Pick<Tools, 'cnitool' | 'newPlugins' | 'iptables' | 'containerd' | 'iperf3'>> {
  const [cnitool, newPlugins, iptables] = [await findCnitool(), await findNewPlugins(), await findIptables()];
  const containerd = await findContainerd();
  return {
    iperf3: await findIperf3(),
    ...(containerd === undefined ? {} : { containerd }),
    ...(cnitool === undefined ? {} : { cnitool }),
    ...(newPlugins === undefined ? {} : { newPlugins }),
    ...(iptables === undefined ? {} : { iptables }),
  };
}

/** A file of a Debian package, unpacked. */
async function packaged(name: string, path: string): Promise<string> {
  if (!(await hasApt())) throw new Error('This requires apt-get and dpkg-deb, as on Debian and Ubuntu');
  return join(await unpackedPackage(name), path);
}

/** Installs the given packages. Only openssl and programs that our executables need on any host are ever installed. */
async function installMissing(programs: Readonly<Record<string, string>>): Promise<void> {
  const missing = Object.entries(programs).filter(([program]) => onPath(program) === undefined);
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map(([, name]) => name))];
  const root = await asRoot();
  if (root === undefined || !(await hasApt())) {
    throw new Error(`Missing: ${missing.map(([program]) => program).join(', ')}: install ${packages.join(' and ')}`);
  }
  say(`Installing ${packages.join(' and ')} (apt-get install) …`);
  const apt = async (...words: readonly string[]) => {
    const [program = '', ...args] = [...root, 'apt-get', ...words];
    return execa(program, args, { stdio: ['ignore', 2, 2], env: { DEBIAN_FRONTEND: 'noninteractive' }, reject: false });
  };
  const install = () => apt('install', '--yes', '--no-install-recommends', ...packages);
  if ((await install()).exitCode === 0) return;
  await apt('update');
  if ((await install()).exitCode !== 0) throw new Error(`Cannot install ${packages.join(' and ')}`);
}
