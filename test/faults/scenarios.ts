import { rmSync } from 'node:fs';
import { silentSuccess } from '../support/calls/call.ts';
import type { Container } from '../support/calls/containers.ts';
import { hintsBecome } from '../support/hint/hint-fates.ts';
import { HOSTILE_ENTRIES, JOURNAL } from '../support/journal/hostile-entries.ts';
import { podArgs } from '../support/kubernetes/pods.ts';
import type { Conf } from '../support/stored/cluster.ts';
import { type DatastoreName, FOREIGN } from './clusters/cluster.ts';
import { GROUP_SCENARIOS } from './group-scenarios.ts';
import { HOSTILE, LEASES } from './remains.ts';
import { call, DUAL_STACK, type Made, PLAIN, type Stage, up } from './stage.ts';
import { VM_SCENARIOS } from './vm-scenarios.ts';
import { warmUp } from './warm-up.ts';

/** What a runtime does after a call that failed. */
const AFTERMATHS = ['ADD, DEL', 'DEL', 'GC'] as const;
export type Aftermath = (typeof AFTERMATHS)[number];

/** A call whose every boundary is tested. */
export interface Scenario extends Made {
  readonly name: string;
  readonly verb: 'ADD' | 'DEL' | 'GC';
  /** The container is already up: when the ADD fails, what it had may stay. */
  readonly isRepeated?: boolean;
  /** A container that is gone has what the ADD wants: when the ADD fails, the datastore may still say so. */
  readonly takesOver?: boolean;
  /** The result has no route, and the host none to the container. */
  readonly isUnrouted?: boolean;
  /** The only datastore on which it is possible. */
  readonly datastore?: DatastoreName;
  /** False when another call makes the same requests. */
  readonly hasRequestsOfItsOwn?: boolean;
  /** Faults that are part of it. */
  readonly faults?: string;
  readonly aftermaths: readonly Aftermath[];
  /** Prepares the machine for the call. */
  readonly prepare: (stage: Stage) => Promise<void>;
  /** Takes back, after all other calls, what was prepared. */
  readonly finish?: (stage: Stage) => Promise<void>;
}

const LIMITS = { ingressRate: 10_000_000, ingressBurst: 80_000, egressRate: 10_000_000, egressBurst: 80_000 };
const SHAPED: Conf = { ...PLAIN, bandwidth_by: 'plugin', runtimeConfig: { bandwidth: LIMITS } };
const HOST_LOCAL: Conf = { cniVersion: '1.0.0', ipam: { type: 'host-local', subnet: '10.80.0.0/24', dataDir: LEASES } };
/** The only block of that pool belongs to another node. */
const BORROWING: Conf = { ...PLAIN, ipam: { type: 'calico-ipam', ipv4_pools: [FOREIGN.pool] } };

/** A pod with an operator's own interface prefix. GC can only recognize leftovers that start with `cali`. */
const OWN_PREFIX: Omit<Made, 'conf'> = {
  args: podArgs({ namespace: 'prod', pod: 'web-0' }),
  env: { KUBERNETES_MASTER: 'https://127.0.0.1:1', FELIX_INTERFACEPREFIX: 'fbx' },
};

/** From the first request on. */
const DEAD = 'request 1 before=down';

const nothing = async () => {};
const added =
  (conf: Conf) =>
  ({ cluster, container }: Stage): Promise<void> =>
    up(cluster, container, { conf });

/** Brought up and deleted again. */
async function deleted({ cluster, container }: Stage): Promise<void> {
  await up(cluster, container, { conf: PLAIN });
  silentSuccess(await call(cluster, 'DEL', container));
}

/** The next call finds no hint of an earlier one, as after a boot. */
async function unhinted(stage: Stage): Promise<void> {
  await stage.cluster.host.must('sh', ['-c', hintsBecome('lost')]);
}

/** The hint is as it was before another container came and went. */
async function oldHint({ cluster, others: [other] }: Stage): Promise<void> {
  await cluster.host.must('sh', ['-c', hintsBecome('kept for later')]);
  await up(cluster, other, { conf: PLAIN });
  silentSuccess(await call(cluster, 'DEL', other));
  await cluster.host.must('sh', ['-c', hintsBecome('as they were')]);
}

/** The release of a container waits in the journal, because its DEL found no datastore. */
async function record({ cluster, faulty }: Stage, whose: Container): Promise<void> {
  await up(cluster, whose, { conf: PLAIN });
  silentSuccess(await faulty('DEL', whose, DEAD, { conf: PLAIN }));
}

/** A foreign file lies beside another container's entry. */
async function hostileJournal(stage: Stage): Promise<void> {
  const { host } = stage.cluster;
  await record(stage, stage.others[0]);
  for (const [number, { make }] of HOSTILE_ENTRIES.entries()) {
    await host.must('sh', ['-ec', make, 'sh', `${JOURNAL}/${HOSTILE}${number}.json`]);
  }
}

/** Prepares a machine for the scenario. Foreign files of the previous one are removed, and containers are of ordinary pods again. */
export async function begin(stage: Stage, { prepare, isRespelt }: Scenario): Promise<void> {
  for (const container of [stage.container, ...stage.others]) stage.cluster.runs?.(container);
  const script = `rm -rf ${JOURNAL}/${HOSTILE}*; rmdir ${JOURNAL} 2>/dev/null || true`;
  await stage.cluster.host.must('sh', ['-c', script]);
  await warmUp(stage, isRespelt);
  await prepare(stage);
}

/** The calls that are possible on a datastore. */
export const scenariosOn = (datastore: DatastoreName): readonly Scenario[] =>
  SCENARIOS.filter((each) => (each.datastore ?? datastore) === datastore);

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'first ADD on a node',
    verb: 'ADD',
    conf: PLAIN,
    aftermaths: AFTERMATHS,
    prepare: async (stage) => {
      await stage.cluster.wipe();
      await unhinted(stage);
    },
  },
  { name: 'ADD', verb: 'ADD', conf: PLAIN, aftermaths: AFTERMATHS, prepare: nothing },
  { name: 'ADD without a hint', verb: 'ADD', conf: PLAIN, aftermaths: AFTERMATHS, prepare: unhinted },
  { name: 'ADD, old hint', verb: 'ADD', conf: PLAIN, aftermaths: AFTERMATHS, prepare: oldHint },
  {
    name: 'ADD, dual-stack',
    verb: 'ADD',
    conf: DUAL_STACK,
    aftermaths: AFTERMATHS,
    prepare: nothing,
  },
  {
    name: 'ADD, borrowed address',
    verb: 'ADD',
    conf: BORROWING,
    aftermaths: AFTERMATHS,
    prepare: nothing,
  },
  { name: 'repeated ADD', verb: 'ADD', conf: PLAIN, isRepeated: true, aftermaths: AFTERMATHS, prepare: added(PLAIN) },
  {
    name: 'ADD, shaped',
    verb: 'ADD',
    conf: SHAPED,
    hasRequestsOfItsOwn: false,
    aftermaths: AFTERMATHS,
    prepare: nothing,
  },
  // host-local does not support GC.
  { name: 'ADD, host-local', verb: 'ADD', conf: HOST_LOCAL, aftermaths: ['ADD, DEL', 'DEL'], prepare: nothing },
  {
    name: 'ADD of a pod, another prefix',
    verb: 'ADD',
    conf: PLAIN,
    ...OWN_PREFIX,
    hasRequestsOfItsOwn: false,
    aftermaths: ['ADD, DEL', 'DEL'],
    prepare: nothing,
  },
  {
    name: 'ADD, result unread',
    verb: 'ADD',
    conf: PLAIN,
    isUnread: true,
    hasRequestsOfItsOwn: false,
    aftermaths: AFTERMATHS,
    prepare: nothing,
  },
  {
    name: 'ADD that drains the journal',
    verb: 'ADD',
    conf: PLAIN,
    aftermaths: AFTERMATHS,
    prepare: (stage) => record(stage, stage.others[0]),
  },
  {
    name: 'ADD, datastore respelt, hostile journal',
    verb: 'ADD',
    conf: PLAIN,
    isRespelt: true,
    hasRequestsOfItsOwn: false,
    aftermaths: AFTERMATHS,
    prepare: hostileJournal,
  },
  {
    name: 'ADD of whose release waits',
    verb: 'ADD',
    conf: PLAIN,
    isRespelt: true,
    aftermaths: AFTERMATHS,
    prepare: (stage) => record(stage, stage.container),
  },
  { name: 'DEL', verb: 'DEL', conf: PLAIN, aftermaths: ['DEL', 'GC'], prepare: added(PLAIN) },
  {
    name: 'DEL without a hint',
    verb: 'DEL',
    conf: PLAIN,
    aftermaths: ['DEL', 'GC'],
    prepare: async (stage) => {
      await added(PLAIN)(stage);
      await unhinted(stage);
    },
  },
  { name: 'DEL, dual-stack', verb: 'DEL', conf: DUAL_STACK, aftermaths: ['DEL', 'GC'], prepare: added(DUAL_STACK) },
  {
    name: 'DEL, borrowed address',
    verb: 'DEL',
    conf: BORROWING,
    aftermaths: ['DEL', 'GC'],
    prepare: added(BORROWING),
  },
  { name: 'repeated DEL', verb: 'DEL', conf: PLAIN, aftermaths: ['DEL', 'GC'], prepare: deleted },
  {
    name: 'DEL, shaped',
    verb: 'DEL',
    conf: SHAPED,
    hasRequestsOfItsOwn: false,
    aftermaths: ['DEL', 'GC'],
    prepare: added(SHAPED),
  },
  { name: 'DEL, host-local', verb: 'DEL', conf: HOST_LOCAL, aftermaths: ['DEL'], prepare: added(HOST_LOCAL) },
  {
    name: 'DEL without datastore',
    verb: 'DEL',
    conf: PLAIN,
    faults: DEAD,
    aftermaths: ['DEL', 'GC'],
    prepare: async (stage) => {
      rmSync(stage.cluster.host.file(JOURNAL), { recursive: true, force: true });
      await added(PLAIN)(stage);
    },
  },
  {
    name: 'GC of three',
    verb: 'GC',
    conf: PLAIN,
    aftermaths: ['DEL', 'GC'],
    prepare: async ({ cluster, container, others }) => {
      for (const one of [container, ...others]) await up(cluster, one, { conf: PLAIN });
    },
  },
  ...GROUP_SCENARIOS,
  ...VM_SCENARIOS,
];
