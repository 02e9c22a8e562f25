import { describe, test } from 'vitest';
import { listed, type Member, startMembers } from '../../support/etcd/members.ts';
import { startHost } from '../../support/host/host.ts';
import { BASE } from '../../support/stored/cluster.ts';
import { type Follower, startFollower } from '../../support/watch/follower.ts';
import { has, nodes } from './etcd-stage.ts';

/** Three members, and a process that follows the leader. */
async function followLeader(
  work: (follower: Follower, members: readonly [Member, Member, Member]) => Promise<void>,
): Promise<void> {
  const host = await startHost();
  const members = await startMembers(host);
  await members.put(BASE);
  const ordered = await members.leaderFirst();
  const follower = await startFollower(host, { DATASTORE_TYPE: 'etcdv3', ETCD_ENDPOINTS: listed(ordered) });
  try {
    await has(follower, 'node1', 'node2');
    await work(follower, ordered);
  } finally {
    await follower.stop();
    await members.stop();
    await host.stop();
  }
}

const TROUBLES: readonly { name: string; trouble: (leader: Member) => Promise<unknown> }[] = [
  { name: 'is killed', trouble: (leader) => leader.kill() },
  { name: 'hangs', trouble: async (leader) => leader.etcd().pause() },
  { name: 'is cut off from everything', trouble: (leader) => leader.cutOff() },
  { name: 'is cut off from the other members only', trouble: (leader) => leader.isolate() },
];

describe.concurrent('with three members', () => {
  test.for(TROUBLES)(
    'the copy is followed at another one when the leader $name',
    { timeout: 120_000 },
    async ({ trouble }) => {
      await followLeader(async (follower, [leader, second]) => {
        await trouble(leader);
        await second.etcd().put(nodes(3));
        await has(follower, 'node1', 'node2', 'node3');
        await second.etcd().put(nodes(4));
        await has(follower, 'node1', 'node2', 'node3', 'node4');
      });
    },
  );
});
