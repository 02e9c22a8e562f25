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

function machineOf({ cluster: { machine } }: Stage): Machine {
  if (machine === undefined) throw new Error('this datastore keeps no addresses for machines');
  return machine;
}

const withMachine =
  (prepare: (stage: Stage, prepared: Prepared) => Promise<void>) =>
  async (stage: Stage): Promise<void> => {
    const { cluster } = stage;
    const machine = machineOf(stage);
    await machine.renew();
    const runs = (container: Container, pod: MachinePod) => cluster.runs?.(container, machine.pods[pod]);
    await prepare(stage, { cluster, runs });
  };

/**
 * A machine that is being deleted once everything is prepared: then the call's own follow-ups may leave nothing. GC leaves a machine's
 * addresses alone, so it is no follow-up.
 */
const withEndingMachine =
  (prepare: (stage: Stage, prepared: Prepared) => Promise<void>) =>
  async (stage: Stage): Promise<void> => {
    await withMachine(prepare)(stage);
    await machineOf(stage).end();
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
    prepare: withEndingMachine(async ({ container }, { runs }) => runs(container, 'first')),
  },
  {
    ...OF_MACHINE,
    name: 'ADD of a virtual machine that has an address',
    verb: 'ADD',
    isRepeated: true,
    aftermaths: ['ADD, DEL', 'DEL'],
    prepare: withEndingMachine(async (stage, prepared) => {
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
    finish: async (stage) => {
      await machineOf(stage).end();
      silentSuccess(await call(stage.cluster, 'DEL', stage.others[0]));
    },
  },
  {
    ...OF_MACHINE,
    name: 'DEL of a virtual machine’s last pod',
    verb: 'DEL',
    aftermaths: ['DEL'],
    prepare: withEndingMachine(async ({ cluster, container }, { runs }) => {
      runs(container, 'first');
      await up(cluster, container, { conf: PLAIN });
    }),
  },
];
