import { rmSync } from 'node:fs';
import type { Container } from '../support/bed/open-bed.ts';
import { HOSTILE_ENTRIES, JOURNAL } from '../support/journal/hostile-entries.ts';
import { podArgs } from '../support/kubernetes/pods.ts';
import { type Conf, conf } from '../support/stored/cluster.ts';
import { HOSTILE, LEASES } from './remains.ts';
import { DUAL_STACK, type Made, PLAIN, type Stage } from './stage.ts';

/** What a runtime does after a call that failed. */
const AFTERMATHS = ['ADD, DEL', 'DEL', 'GC'] as const;
export type Aftermath = (typeof AFTERMATHS)[number];

/** A call whose every boundary is tested. */
export interface Scenario extends Made {
  readonly name: string;
  readonly verb: 'ADD' | 'DEL' | 'GC';
  /** Faults that are part of it. */
  readonly faults?: string;
  readonly aftermaths: readonly Aftermath[];
  /** Prepares the machine for the call. */
  readonly prepare: (stage: Stage) => Promise<void>;
}

const V11 = { cniVersion: '1.1.0' };
const LIMITS = { ingressRate: 10_000_000, ingressBurst: 80_000, egressRate: 10_000_000, egressBurst: 80_000 };
const SHAPED = conf({ ...V11, bandwidth_by: 'plugin', runtimeConfig: { bandwidth: LIMITS } });
const HOST_LOCAL = conf({ cniVersion: '1.0.0', ipam: { type: 'host-local', subnet: '10.80.0.0/24', dataDir: LEASES } });

/** Another spelling of the same etcd. */
const RESPELT = conf({ ...V11, etcd_endpoints: 'http://localhost:2379/' });
/** A pod with an operator's own interface prefix. GC can only recognize leftovers that start with `cali`. */
const OWN_PREFIX: Omit<Made, 'conf'> = {
  args: podArgs({ namespace: 'prod', pod: 'web-0' }),
  env: { KUBERNETES_MASTER: 'https://127.0.0.1:1', FELIX_INTERFACEPREFIX: 'fbx' },
};

/** From the first request on. */
const DEAD = 'etcd 1 before=down';

const nothing = async () => {};
const up =
  (configuration: Conf) =>
  async ({ bed, container }: Stage): Promise<void> =>
    void (await bed.add(container, { conf: configuration }));

/** The release of a container waits in the journal, because its DEL found no etcd. */
async function record({ bed, faulty }: Stage, whose: Container): Promise<void> {
  await bed.add(whose, { conf: PLAIN });
  await faulty('DEL', whose, DEAD, { conf: PLAIN });
}

/** A foreign file lies beside another container's entry. */
async function hostileJournal(stage: Stage): Promise<void> {
  const { host } = stage.bed;
  await record(stage, stage.others[0]);
  for (const [number, { make }] of HOSTILE_ENTRIES.entries()) {
    await host.must('sh', ['-ec', make, 'sh', `${JOURNAL}/${HOSTILE}${number}.json`]);
  }
}

/** Prepares a machine for the scenario. Foreign files of the previous one are removed. */
export async function begin(stage: Stage, { prepare }: Scenario): Promise<void> {
  const script = `rm -rf ${JOURNAL}/${HOSTILE}*; rmdir ${JOURNAL} 2>/dev/null || true`;
  await stage.bed.host.must('sh', ['-c', script]);
  await prepare(stage);
}

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'first ADD on a node',
    verb: 'ADD',
    conf: PLAIN,
    aftermaths: AFTERMATHS,
    prepare: async ({ bed, seed }) => {
      await bed.etcd.wipe();
      await bed.etcd.put(seed);
    },
  },
  { name: 'ADD', verb: 'ADD', conf: PLAIN, aftermaths: AFTERMATHS, prepare: nothing },
  {
    name: 'ADD, dual-stack',
    verb: 'ADD',
    conf: DUAL_STACK,
    aftermaths: AFTERMATHS,
    prepare: nothing,
  },
  { name: 'ADD, shaped', verb: 'ADD', conf: SHAPED, aftermaths: AFTERMATHS, prepare: nothing },
  // host-local does not support GC.
  { name: 'ADD, host-local', verb: 'ADD', conf: HOST_LOCAL, aftermaths: ['ADD, DEL', 'DEL'], prepare: nothing },
  {
    name: 'ADD of a pod, another prefix',
    verb: 'ADD',
    conf: PLAIN,
    ...OWN_PREFIX,
    aftermaths: ['ADD, DEL', 'DEL'],
    prepare: nothing,
  },
  { name: 'ADD, result unread', verb: 'ADD', conf: PLAIN, isUnread: true, aftermaths: AFTERMATHS, prepare: nothing },
  {
    name: 'ADD that drains the journal',
    verb: 'ADD',
    conf: PLAIN,
    aftermaths: AFTERMATHS,
    prepare: (stage) => record(stage, stage.others[0]),
  },
  {
    name: 'ADD, etcd respelt, hostile journal',
    verb: 'ADD',
    conf: RESPELT,
    aftermaths: AFTERMATHS,
    prepare: hostileJournal,
  },
  {
    name: 'ADD of whose release waits',
    verb: 'ADD',
    conf: RESPELT,
    aftermaths: AFTERMATHS,
    prepare: (stage) => record(stage, stage.container),
  },
  { name: 'DEL', verb: 'DEL', conf: PLAIN, aftermaths: ['DEL', 'GC'], prepare: up(PLAIN) },
  { name: 'DEL, shaped', verb: 'DEL', conf: SHAPED, aftermaths: ['DEL', 'GC'], prepare: up(SHAPED) },
  { name: 'DEL, host-local', verb: 'DEL', conf: HOST_LOCAL, aftermaths: ['DEL'], prepare: up(HOST_LOCAL) },
  {
    name: 'DEL without etcd',
    verb: 'DEL',
    conf: PLAIN,
    faults: DEAD,
    aftermaths: ['DEL', 'GC'],
    prepare: async (stage) => {
      rmSync(stage.bed.host.file(JOURNAL), { recursive: true, force: true });
      await up(PLAIN)(stage);
    },
  },
  {
    name: 'GC of three',
    verb: 'GC',
    conf: PLAIN,
    aftermaths: ['DEL', 'GC'],
    prepare: async ({ bed, container, others }) => {
      for (const one of [container, ...others]) await bed.add(one, { conf: PLAIN });
    },
  },
];
