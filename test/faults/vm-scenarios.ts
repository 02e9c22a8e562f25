import { silentSuccess } from '../support/calls/call.ts';
import type { Container } from '../support/calls/containers.ts';
import type { Vm, VmPod } from './clusters/vm.ts';
import type { Scenario } from './scenarios.ts';
import { call, PLAIN, type Stage, up } from './stage.ts';

/** What the pods of a virtual machine are prepared with. */
interface Prepared extends Pick<Stage, 'cluster'> {
  /** Makes a container that of a pod of the virtual machine. */
  readonly runs: (container: Container, pod: VmPod) => void;
}

function vmOf({ cluster: { vm } }: Stage): Vm {
  if (vm === undefined) throw new Error('this datastore keeps no addresses for virtual machines');
  return vm;
}

const withVm =
  (prepare: (stage: Stage, prepared: Prepared) => Promise<void>) =>
  async (stage: Stage): Promise<void> => {
    const { cluster } = stage;
    const vm = vmOf(stage);
    await vm.renew();
    const runs = (container: Container, pod: VmPod) => cluster.runs?.(container, vm.pods[pod]);
    await prepare(stage, { cluster, runs });
  };

/**
 * A virtual machine that is being deleted once everything is prepared: then the call's own follow-ups may leave nothing. GC leaves its
 * addresses alone, and is not tried.
 */
const withEndingVm =
  (prepare: (stage: Stage, prepared: Prepared) => Promise<void>) =>
  async (stage: Stage): Promise<void> => {
    await withVm(prepare)(stage);
    await vmOf(stage).end();
  };

/** The virtual machine has an address, but no pod. */
async function stopped({ cluster, others: [earlier] }: Stage, { runs }: Prepared): Promise<void> {
  runs(earlier, 'first');
  await up(cluster, earlier, { conf: PLAIN });
  silentSuccess(await call(cluster, 'DEL', earlier));
}

const OF_VM = { conf: PLAIN, datastore: 'kubernetes' } as const;

/** Calls for the pods of a virtual machine. */
export const VM_SCENARIOS: readonly Scenario[] = [
  {
    ...OF_VM,
    name: 'ADD of a virtual machine',
    verb: 'ADD',
    aftermaths: ['ADD, DEL', 'DEL'],
    prepare: withEndingVm(async ({ container }, { runs }) => runs(container, 'first')),
  },
  {
    ...OF_VM,
    name: 'ADD of a virtual machine that has an address',
    verb: 'ADD',
    isRepeated: true,
    aftermaths: ['ADD, DEL', 'DEL'],
    prepare: withEndingVm(async (stage, prepared) => {
      await stopped(stage, prepared);
      prepared.runs(stage.container, 'next');
    }),
  },
  {
    ...OF_VM,
    name: 'ADD of a migration’s target',
    verb: 'ADD',
    isRepeated: true,
    isUnrouted: true,
    aftermaths: ['ADD, DEL', 'DEL'],
    prepare: withVm(async (stage, prepared) => {
      await stopped(stage, prepared);
      prepared.runs(stage.container, 'target');
    }),
    finish: async (stage) => {
      await vmOf(stage).end();
      silentSuccess(await call(stage.cluster, 'DEL', stage.others[0]));
    },
  },
  {
    ...OF_VM,
    name: 'DEL of a virtual machine’s last pod',
    verb: 'DEL',
    aftermaths: ['DEL'],
    prepare: withEndingVm(async ({ cluster, container }, { runs }) => {
      runs(container, 'first');
      await up(cluster, container, { conf: PLAIN });
    }),
  },
];
