import { beforeEach } from 'vitest';
import { openForTests } from '../bed/for-tests.ts';
import { type PodName, podArgs } from '../kubernetes/pods.ts';
import { kddConf, NETWORK, openKubernetesBed } from './bed.ts';
import { heldOn } from './held.ts';
import { defineKubeVirt, kubeVirtOn } from './virtual-machines.ts';

/** The handle of the machine `vm1`. */
export const HANDLE = `${NETWORK}.vmi.prod.vm1`;
export const NOTHING_HELD = { addresses: [], handles: [] };

interface Attribute {
  readonly handle_id?: string;
  readonly secondary?: { readonly pod?: string };
  readonly alternateOwnerAttrs?: { readonly pod?: string };
}

/** A machine whose cluster has KubeVirt's kinds; calls are for `plugin`. */
async function openMachineStage(plugin: string) {
  const bed = await openKubernetesBed();
  await defineKubeVirt(bed.ask);
  const vm = kubeVirtOn(bed.kubernetes);
  return {
    bed,
    vm,
    /** A call for a pod on a node. */
    on: (name: PodName, nodename = 'node1', more = {}) => ({
      plugin,
      args: podArgs(name),
      conf: kddConf({ nodename, ...more }),
    }),
    /** The pods that own each address of `vm1`: the active one, and the second one during a migration. */
    owners: async () => {
      const blocks = await bed.list('ipamblocks');
      const all = blocks.flatMap(({ spec }) => spec['attributes'] as readonly Attribute[]);
      return all
        .filter(({ handle_id }) => handle_id === HANDLE)
        .map(({ secondary, alternateOwnerAttrs }) => [secondary?.pod, alternateOwnerAttrs?.pod]);
    },
    held: async () => {
      const { addresses, handles } = await heldOn(bed);
      return { addresses, handles };
    },
    close: () => bed.close(),
    reset: async () => {
      await vm.removeAll();
      await bed.reset();
    },
  };
}

/** For the tests of a `describe`, until their last; each finds it as it was at first. */
export function machineForTests(plugin = 'calico') {
  const stage = openForTests(() => openMachineStage(plugin));
  beforeEach(() => stage.reset());
  return stage;
}
