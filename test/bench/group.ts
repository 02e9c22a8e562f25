import { ours } from './contestants.ts';
import type { Line } from './figures.ts';
import { BIG_POOL, fill } from './full-store.ts';
import { race } from './race.ts';
import { netnsOf, type Stage, withCluster } from './stage.ts';

/** 1,000 addresses in 16 blocks, of which the first 15 are full of other nodes' pods. */
const GROUP = ['10.64.0.0-10.64.3.231'];
const FULL_BLOCKS = 15;
/** In no block of the group. */
const FIXED = ['10.64.8.9'];

/** A container that takes a member of a group of 1,000 whose first 960 are taken, compared with one that asks for a fixed address. */
export function measureGroup(stage: Stage): Promise<readonly Line[]> {
  return withCluster(stage, async (etcd) => {
    await etcd.put(BIG_POOL);
    await fill(etcd, FULL_BLOCKS);
    const contestant = async (name: string, netns: string, cni: object, against?: string) =>
      ours({
        name,
        etcd,
        netns: await netnsOf(stage, netns),
        changes: () => ({ args: { cni } }),
        ...(against === undefined ? {} : { against }),
      });
    const fixed = await contestant('calico, fixed address', 'fixed', { ips: FIXED });
    const group = await contestant('calico, group of 1,000', 'group', { ipGroup: GROUP }, fixed.name);
    return race({ ...stage, contestants: [group, fixed], commands: ['ADD', 'DEL'] });
  });
}
