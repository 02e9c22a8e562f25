import type { Etcd } from '../support/etcd/etcd.ts';

/**
 * Runs `work` and returns how many transactions etcd rejected meanwhile because another writer was first. Every
 * transaction that may write goes through Raft, but only one that writes makes a revision.
 */
export async function countingLostRaces<T>(etcd: Etcd, work: () => Promise<T>): Promise<readonly [T, number]> {
  const [proposals, revision] = [await proposalsOf(etcd), await etcd.revision()];
  const answer = await work();
  const [proposed, written] = [(await proposalsOf(etcd)) - proposals, (await etcd.revision()) - revision];
  return [answer, proposed - written];
}

async function proposalsOf(etcd: Etcd): Promise<number> {
  const metrics = await (await fetch(`${etcd.endpoint}/metrics`)).text();
  return Number(/^etcd_server_proposals_committed_total (\S+)/m.exec(metrics)?.[1]);
}
