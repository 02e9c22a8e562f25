import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tools } from '../../build/tools.ts';
import { environment, resultOf, silentSuccess } from '../support/calls/call.ts';
import type { CallChanges, Container } from '../support/calls/containers.ts';
import type { Host, Ran } from '../support/host/host.ts';
import { bringUpForeignPod } from '../support/kubernetes/foreign-pod.ts';
import { type Conf, DUAL } from '../support/stored/cluster.ts';
import type { Cluster, DatastoreName } from './clusters/cluster.ts';
import { openEtcdCluster } from './clusters/etcd-cluster.ts';
import type { Boundary } from './place.ts';
import { type Bare, bare } from './remains.ts';

/** The fault build, and where the cluster keeps its data. */
export interface Subject {
  readonly program: string;
  readonly datastore: DatastoreName;
}

/** A machine on which one case after another is run, and its containers. */
export interface Stage {
  readonly cluster: Cluster;
  /** The container of the call that meets the fault. */
  readonly container: Container;
  /** The containers of the calls before and after it. */
  readonly others: readonly [Container, Container];
  /** The machine's state without containers. */
  readonly bare: Bare;
  /** Calls the fault build. `faults` is the value of CALICO_FAULT. */
  faulty(verb: string, container: Container, faults: string, made: Made): Promise<Ran>;
  /** The boundaries that the fault build has passed since the last query. */
  passed(): readonly Boundary[];
}

/** What a runtime passes to a call; `conf`: keys of the network configuration. */
export interface Made {
  readonly conf: Conf;
  readonly args?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The configuration names the datastore in another way. */
  readonly isRespelt?: boolean;
  /** The call's standard output cannot be written. */
  readonly isUnread?: boolean;
}

/** The configuration of the calls that clean up. */
export const PLAIN: Conf = { cniVersion: '1.1.0' };
export const DUAL_STACK: Conf = { ...PLAIN, ipam: DUAL };

/** A call that takes longer hangs: ADD has 60 s, the others have 20 s. */
export const HANGS_MS = 90_000;

const NOBODY: Container = { containerID: '', netns: '' };
/** The file to which the fault build writes its boundaries. */
const TRACE = '/run/calico-test/boundaries';
/** Starts the fault build with a full disk as its standard output. */
const UNREAD = '/run/calico-test/unread';
/** The configuration of another network's GC, which has no containers here. */
const OTHERS_GC = '/run/calico-test/others-gc.json';

const OPEN: Readonly<Record<DatastoreName, () => Promise<Cluster>>> = {
  etcd: openEtcdCluster,
  // Only where it is used: an API server is not built for tests of etcd.
  kubernetes: async () => (await import('./clusters/kubernetes-cluster.ts')).openKubernetesCluster(),
};

/** Sets up a machine whose node has a block and whose network has its profile. */
export async function openStage({ program, datastore }: Subject): Promise<Stage> {
  const cluster = await OPEN[datastore]();
  const { host } = cluster;
  await bringUpForeignPod(host, {}, cluster.conf);
  const [container, one, two] = [
    await cluster.container(),
    await cluster.container(),
    await cluster.container(),
  ] as const;
  const before = await bare(cluster);
  await up(cluster, container, { conf: DUAL_STACK });
  silentSuccess(await call(cluster, 'DEL', container, { conf: DUAL_STACK }));
  const trace = host.file(TRACE);
  writeFileSync(host.file(UNREAD), `#!/bin/sh\nexec ${program} >/dev/full\n`, { mode: 0o755 });
  writeFileSync(host.file(OTHERS_GC), JSON.stringify(cluster.conf({ ...PLAIN, ...NONE_VALID, name: 'net2' })));
  return {
    cluster,
    container,
    others: [one, two],
    bare: before,
    faulty: (verb, whose, faults, made) => {
      const env = {
        ...made.env,
        CALICO_FAULT: faults,
        CALICO_FAULT_TRACE: TRACE,
        CALICO_FAULT_BESIDE: beside(host),
      };
      return call(cluster, verb, whose, { ...made, env }, { plugin: made.isUnread ? UNREAD : program });
    },
    passed: () => {
      const lines = existsSync(trace) ? readFileSync(trace, 'utf8').trim().split('\n') : [];
      rmSync(trace, { force: true });
      return lines.map((line) => JSON.parse(line) as Boundary);
    },
  };
}

const NONE_VALID = { 'cni.dev/valid-attachments': [] };

/** In the host's namespace, because the concurrent ADD may be in the container's. */
const beside = ({ pid }: Host): string => {
  const variables = Object.entries(environment({ command: 'GC', conf: '', ifname: '' }));
  const words = [
    'nsenter',
    `--net=/proc/${pid}/ns/net`,
    'env',
    ...variables.map(([name, value]) => `${name}=${value}`),
  ];
  return `${words.join(' ')} ${tools().bin}/calico <${OTHERS_GC}`;
};

/** Calls a plugin as a runtime does. GC has no container and gets an empty list of attachments. */
export function call(
  { conf, call: callFor, respelt }: Cluster,
  verb: string,
  container: Container,
  { conf: given, isRespelt = false, args, env = {} }: Made = { conf: PLAIN },
  more: CallChanges = {},
): Promise<Ran> {
  const keys = isRespelt ? { ...given, ...respelt } : given;
  const changes = { killAfter: HANGS_MS, env, ...(args === undefined ? {} : { args }), ...more };
  if (verb !== 'GC') return callFor(verb, container, { ...changes, conf: conf(keys) });
  const none = conf({ ...keys, ...NONE_VALID });
  return callFor('GC', NOBODY, { ...changes, conf: none, netns: '', args: '', env: { ...env, CNI_IFNAME: '' } });
}

/** Brings a container up. */
export const up = async (cluster: Cluster, container: Container, made: Made): Promise<void> =>
  void resultOf(await call(cluster, 'ADD', container, made));
