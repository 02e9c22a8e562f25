import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Transcript } from '../../../build/transcript.ts';
import { type Cluster, hasCluster, startCluster } from '../../support/cluster/cluster.ts';
import { fromNothing } from '../../support/cluster/from-nothing.ts';
import { startEtcd } from '../../support/etcd/etcd.ts';

describe.skipIf(!hasCluster())('on a whole cluster', { timeout: 240_000 }, () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster();
  }, 120_000);
  afterAll(() => cluster?.stop(), 60_000);

  /** A session whose commands must succeed. */
  const shell = (): Transcript => ({
    title: () => {},
    run: async (command) => {
      const words = ['-ec', `cd ${cluster.folder}; ${command}`];
      const { exit, stdout, stderr } = await cluster.host.run('sh', words, { env: cluster.env });
      if (exit !== 0) throw new Error(`${command}: exit ${exit}\n${stdout}${stderr}`);
      return stdout.trim();
    },
  });

  test('the printed manifest leads from nothing to pods that reach each other and the API server, and back', async () => {
    await expect(fromNothing(shell(), 'kubernetes')).resolves.toBeUndefined();
  });

  test('the same with the data in etcd', async () => {
    const etcd = await startEtcd(cluster.host, 2379);
    await expect(fromNothing(shell(), 'etcd')).resolves.toBeUndefined();
    await etcd.stop();
  });
});
