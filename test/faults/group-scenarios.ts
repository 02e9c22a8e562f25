import type { Conf } from '../support/stored/cluster.ts';
import { FOREIGN } from './clusters/cluster.ts';
import type { Scenario } from './scenarios.ts';
import { DUAL_STACK, PLAIN, up } from './stage.ts';

/** A member of each family: pods have ordinals, other containers take the first that is free. */
const GROUP: Conf = {
  ...DUAL_STACK,
  args: { cni: { ipGroup: ['192.168.200.0/26', 'fd80:24e2:f998:72d6::700/122'] } },
};
const FOREIGN_GROUP: Conf = { ...PLAIN, args: { cni: { ipGroup: [FOREIGN.cidr] } } };
const FIXED: Conf = { ...PLAIN, args: { cni: { ips: ['192.168.201.7'] } } };

const nothing = async () => {};

/** Calls for containers that want a member of a fixed address group, or an address whose container is gone. */
export const GROUP_SCENARIOS: readonly Scenario[] = [
  {
    name: 'ADD, members of a group',
    verb: 'ADD',
    conf: GROUP,
    aftermaths: ['ADD, DEL', 'DEL', 'GC'],
    prepare: nothing,
  },
  {
    name: 'ADD, member in a foreign block',
    verb: 'ADD',
    conf: FOREIGN_GROUP,
    aftermaths: ['ADD, DEL', 'DEL', 'GC'],
    prepare: nothing,
  },
  {
    name: 'ADD that takes an address over',
    verb: 'ADD',
    conf: FIXED,
    takesOver: true,
    // Nobody calls DEL for the container that is gone.
    aftermaths: ['ADD, DEL', 'GC'],
    prepare: async ({ cluster, others: [gone] }) => {
      await up(cluster, gone, { conf: FIXED });
      await cluster.cutPower(gone);
    },
  },
  {
    name: 'DEL, members of a group',
    verb: 'DEL',
    conf: GROUP,
    aftermaths: ['DEL', 'GC'],
    prepare: ({ cluster, container }) => up(cluster, container, { conf: GROUP }),
  },
];
