import { silentSuccess } from '../support/calls/call.ts';
import type { Container } from '../support/calls/containers.ts';
import type { Machine, MachinePod } from './clusters/machine.ts';
import type { Scenario } from './scenarios.ts';
import { call, PLAIN, type Stage, up } from './stage.ts';

/** What the pods of a virtual machine are prepared with. */
interface Prepared extends Pick<Stage, 'cluster'> {
  /** Makes a container that of a pod of the machine. */
  readonly runs: (container: Container, pod: MachinePod) => void;
}

/**
 * A machine that is being deleted once everything is prepared: only then may nothing be left. GC leaves a machine's addresses
 * alone, so it is no follow-up.
 */
const withMachine =
  (prepare: (stage: Stage, prepared: Prepared) => Promise<void>) =>
  async (stage: Stage): Promise<void> => {
    const { cluster } = stage;
    const machine: Machine | undefined = cluster.machine;
    if (machine === undefined) throw new Error('this datastore keeps no addresses for machines');
    await machine.renew();
    const runs = (container: Container, pod: MachinePod) => cluster.runs?.(container, machine.pods[pod]);
    await prepare(stage, { cluster, runs });
    await machine.end();
  };

/** The machine has an address, but no pod. */
async function stopped({ cluster, others: [earlier] }: Stage, { runs }: Prepared): Promise<void> {
  runs(earlier, 'first');
  await up(cluster, earlier, { conf: PLAIN });
  silentSuccess(await call(cluster, 'DEL', earlier));
}

const OF_MACHINE = { conf: PLAIN, datastore: 'kubernetes' } as const;

/** Calls for the pods of a virtual machine. */
export const MACHINE_SCENARIOS: readonly Scenario[] = [
  {
    ...OF_MACHINE,
    name: 'ADD of a virtual machine',
    verb: 'ADD',
    aftermaths: ['ADD, DEL', 'DEL'],
    prepare: withMachine(async ({ container }, { runs }) => runs(container, 'first')),
  },
  {
    ...OF_MACHINE,
    name: 'ADD of a virtual machine that has an address',
    verb: 'ADD',
    isRepeated: true,
    aftermaths: ['ADD, DEL', 'DEL'],
    prepare: withMachine(async (stage, prepared) => {
      await stopped(stage, prepared);
      prepared.runs(stage.container, 'next');
    }),
  },
  {
    ...OF_MACHINE,
    name: 'ADD of a migration’s target',
    verb: 'ADD',
    isRepeated: true,
    isUnrouted: true,
    aftermaths: ['ADD, DEL', 'DEL'],
    prepare: withMachine(async (stage, prepared) => {
      await stopped(stage, prepared);
      prepared.runs(stage.container, 'target');
    }),
  },
  {
    ...OF_MACHINE,
    name: 'DEL of a virtual machine’s last pod',
    verb: 'DEL',
    aftermaths: ['DEL'],
    prepare: withMachine(async ({ cluster, container }, { runs }) => {
      runs(container, 'first');
      await up(cluster, container, { conf: PLAIN });
    }),
  },
];
