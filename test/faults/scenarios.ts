import { rmSync } from 'node:fs';
import { type Conf, conf } from '../support/cluster.ts';
import { LEASES } from './remains.ts';
import { DUAL_STACK, PLAIN, SEED, type Stage } from './stage.ts';

/** What a runtime does after a call that went wrong. */
const AFTERMATHS = ['ADD, DEL', 'DEL', 'GC'] as const;
export type Aftermath = (typeof AFTERMATHS)[number];

/** A call whose every boundary is tried. */
export interface Scenario {
  readonly name: string;
  readonly verb: 'ADD' | 'DEL' | 'GC';
  readonly conf: Conf;
  /** Faults that are part of it. */
  readonly faults?: string;
  readonly aftermaths: readonly Aftermath[];
  /** Brings the machine to where the call begins. */
  readonly prepare: (stage: Stage) => Promise<void>;
}

const V11 = { cniVersion: '1.1.0' };
const LIMITS = { ingressRate: 10_000_000, ingressBurst: 80_000, egressRate: 10_000_000, egressBurst: 80_000 };
const SHAPED = conf({ ...V11, bandwidth_by: 'plugin', runtimeConfig: { bandwidth: LIMITS } });
const HOST_LOCAL = conf({ cniVersion: '1.0.0', ipam: { type: 'host-local', subnet: '10.80.0.0/24', dataDir: LEASES } });

/** From the first request on. */
const DEAD = 'etcd 1 before=down';

const nothing = async () => {};
const up =
  (configuration: Conf) =>
  async ({ bed, container }: Stage): Promise<void> =>
    void (await bed.add(container, { conf: configuration }));

/** Another container's DEL finds no etcd, so that its release waits in the journal. */
async function journal({ bed, others, faulty }: Stage): Promise<void> {
  await bed.add(others[0], { conf: PLAIN });
  await faulty('DEL', others[0], DEAD, PLAIN);
}

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'first ADD on a node',
    verb: 'ADD',
    conf: PLAIN,
    aftermaths: AFTERMATHS,
    prepare: async ({ bed }) => {
      await bed.etcd.wipe();
      await bed.etcd.put(SEED);
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
  // host-local knows no GC.
  { name: 'ADD, host-local', verb: 'ADD', conf: HOST_LOCAL, aftermaths: ['ADD, DEL', 'DEL'], prepare: nothing },
  { name: 'ADD that drains the journal', verb: 'ADD', conf: PLAIN, aftermaths: AFTERMATHS, prepare: journal },
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
      rmSync(stage.bed.host.file('/var/lib/calico/cni-journal'), { recursive: true, force: true });
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
