import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tools } from '../../build/tools.ts';
import { conf } from '../support/cluster.ts';
import { type Cluster, openCluster } from '../support/cluster-with-pods.ts';
import { environment } from '../support/cni.ts';
import { netnsPath } from '../support/netns.ts';
import { createNamespace, createPod, forPod } from '../support/pods.ts';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await openCluster();
  await createNamespace(cluster.kubernetes, 'prod');
});
afterAll(() => cluster.close());
test('bench', { timeout: 600_000 }, async () => {
  const { bed, kubernetes } = cluster;
  const name = { namespace: 'prod', pod: 'web-0' };
  await createPod(kubernetes, name, { labels: { app: 'web' } }, { serviceAccountName: 'x' });
  const container = await bed.container();
  const level = process.env['LEVEL'] ?? 'error';
  const plain = { conf: conf({ log_level: level }) };
  const kinds: Record<string, { conf?: unknown; args?: string }> = { plain, pod: forPod(name, { log_level: level }) };
  const cases = Object.entries(kinds).map(([kind, changes]) => ({
    name: kind,
    bin: `${tools().bin}/calico`,
    conf: JSON.stringify(changes.conf),
    env: environment({
      command: 'ADD',
      containerID: container.containerID,
      netns: netnsPath(container.netns),
      ...(changes.args === undefined ? {} : { args: changes.args }),
      conf: {},
    }),
  }));
  writeFileSync('/tmp/kh/cases.json', JSON.stringify(cases));
  const ran = await bed.host.run(
    'nice',
    ['-n', '-10', 'python3', '/tmp/kh/pair.py', '/tmp/kh/cases.json', process.env['N'] ?? '60'],
    { env: { PATH: process.env['PATH'] ?? '', HOME: '/root', ...(process.env['SHOW'] ? { SHOW: '1' } : {}) } },
  );
  console.log(ran.stdout, ran.stderr);
  expect(ran.exit).toBe(0);
});
