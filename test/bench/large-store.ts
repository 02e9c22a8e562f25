import { say } from '../../build/say.ts';
import { clusterInformation } from '../support/stored/cluster.ts';
import { costOf } from './calicoctl-cost.ts';
import type { Line } from './figures.ts';
import { BIG_POOL, fill, podsOf } from './full-store.ts';
import { startFreshEtcd } from './here.ts';
import type { Stage } from './stage.ts';

const BLOCKS = 2_000;
const FEW = 100;
const COMMANDS = ['ipam check --cluster-only', 'ipam show', 'ipam show --show-blocks'];

/** What calicoctl costs on a large etcd: full blocks with the handle and the endpoint of each address. */
export async function measureLargeStore({ host, quick, time }: Stage): Promise<readonly Line[]> {
  if (time === undefined) {
    say('Not measured: GNU time is missing');
    return [];
  }
  const blocks = quick ? FEW : BLOCKS;
  const etcd = await startFreshEtcd(host, 42379, { 'quota-backend-bytes': String(4 * 1024 ** 3) });
  try {
    await etcd.put({ ...clusterInformation(), ...BIG_POOL });
    await fill(etcd, blocks, podsOf);
    const env = { PATH: process.env['PATH'], DATASTORE_TYPE: 'etcdv3', ETCD_ENDPOINTS: etcd.endpoint };
    const lines: Line[] = [];
    for (const words of COMMANDS) {
      const figures = await costOf(time, words.split(' '), env);
      lines.push({ name: `calicoctl ${words}, ${blocks.toLocaleString('en')} full blocks in etcd`, figures });
    }
    return lines;
  } finally {
    await etcd.stop();
  }
}
