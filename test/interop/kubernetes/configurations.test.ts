import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { tools } from '../../../build/tools.ts';
import { addressesOf, cniPath, resultOf, silentSuccess } from '../../support/calls/call.ts';
import {
  type Cluster,
  clusterForTests,
  endpointOf,
  endpoints,
  hasKubernetes,
  holders,
} from '../../support/kubernetes/cluster-with-pods.ts';
import { createPod, podArgs, podConf, writeKubeconfig } from '../../support/kubernetes/pods.ts';
import { caliLinks, netnsPath } from '../../support/network/netns.ts';
import { reaches } from '../../support/network/reach.ts';

/** As pasted from documentation, with endpoint and path adapted. */
const PASTED = {
  name: 'calico-k8s-network',
  cniVersion: '0.1.0',
  type: 'calico',
  etcd_endpoints: 'http://127.0.0.1:2379',
  log_level: 'info',
  ipam: { type: 'calico-ipam' },
  policy: { type: 'k8s' },
};
const NAME = { namespace: 'prod', pod: 'web-0' };
const KEY = 'prod/node1-k8s-web--0-eth0';

describe.skipIf(!hasKubernetes())('a network configuration for pods', () => {
  const cluster = clusterForTests();
  beforeAll(async () => {
    const { bed, kubernetes } = cluster;
    writeFileSync(bed.host.file('/var/lib/calico/nodename'), 'node1\n');
    await createPod(kubernetes, NAME, { labels: { app: 'web' } });
  });

  /** ADD, a look at what exists, then DEL, after which nothing exists. */
  async function works(conf: object): Promise<void> {
    const { bed } = cluster;
    const container = await bed.container();
    const changes = { conf: conf as Readonly<Record<string, unknown>>, args: podArgs(NAME) };
    const ran = await bed.call('ADD', container, changes);
    const { ip4 } = JSON.parse(ran.stdout) as { readonly ip4?: { readonly ip: string } };
    const address = ip4?.ip.replace('/32', '') ?? '';
    expect(await reaches(bed.host, address), ran.stdout + ran.stderr).toBe(true);
    expect((await endpointOf(cluster, KEY))?.metadata.labels['app']).toBe('web');
    silentSuccess(await bed.call('DEL', container, changes));
    expect(await endpoints(cluster)).toEqual({});
    expect(await holders(cluster)).toEqual([]);
    expect(await caliLinks(bed.host)).toEqual([]);
  }

  test('works as pasted, with cniVersion 0.1.0 and the node’s name in its file', async () => {
    const kubeconfig = writeKubeconfig(cluster.bed, cluster.kubernetes);
    await works({ ...PASTED, kubernetes: { kubeconfig } });
  });

  test('works with a server without TLS, and an empty user', async () => {
    const { bed } = cluster;
    const kubeconfig = '/run/calico-test/plain-kubeconfig';
    const lines = [
      'apiVersion: v1',
      'kind: Config',
      'preferences: {}',
      'clusters: [{name: local, cluster: {server: "http://127.0.0.1:8001"}}]',
      'contexts: [{name: local, context: {cluster: local, user: ""}}]',
      'users: []',
      'current-context: local',
    ];
    writeFileSync(bed.host.file(kubeconfig), lines.join('\n'));
    const door = await openPlainDoor(cluster);
    try {
      await works({ ...PASTED, kubernetes: { kubeconfig } });
    } finally {
      door.kill();
    }
  });

  describe('in a list', () => {
    beforeEach(({ skip }) => skip(tools().cnitool === undefined, 'cnitool cannot be built here'));

    test('works together with bandwidth and portmap', async () => {
      const { bed } = cluster;
      const container = await bed.container();
      const { cniVersion, name, ...plugin } = podConf();
      const bandwidth = { type: 'bandwidth', capabilities: { bandwidth: true } };
      const portmap = { type: 'portmap', snat: true, capabilities: { portMappings: true } };
      const folder = '/run/calico-test/net.d';
      mkdirSync(bed.host.file(folder), { recursive: true });
      const list = { cniVersion, name, plugins: [plugin, bandwidth, portmap] };
      writeFileSync(bed.host.file(`${folder}/10-calico.conflist`), JSON.stringify(list));
      const limits = { ingressRate: 1e6, ingressBurst: 1e6, egressRate: 1e6, egressBurst: 1e6 };
      const env = {
        PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
        NETCONFPATH: folder,
        CNI_PATH: cniPath(),
        CNI_ARGS: podArgs(NAME),
        CAP_ARGS: JSON.stringify({ bandwidth: limits }),
      };
      const cnitool = (verb: string) =>
        bed.host.run(tools().cnitool ?? '', [verb, String(name), netnsPath(container.netns)], { env });
      const [address = ''] = addressesOf(resultOf(await cnitool('add')));
      expect(await reaches(bed.host, address)).toBe(true);
      const veth = (await endpointOf(cluster, KEY))?.spec.interfaceName ?? '';
      expect(await bed.host.must('tc', ['qdisc', 'show', 'dev', veth])).toContain('tbf');
      silentSuccess(await cnitool('check'));
      silentSuccess(await cnitool('del'));
      expect(await endpoints(cluster)).toEqual({});
    });
  });
});

/** Like `kubectl proxy`: the API without TLS and credentials. */
const DOOR = `
const { request } = require('node:https');
require('node:http').createServer((asked, answer) => {
  if (asked.headers.authorization) return answer.writeHead(400).end('credentials in the open');
  const headers = { authorization: 'Bearer ' + process.env.TOKEN };
  request(process.env.SERVER + asked.url, { headers, rejectUnauthorized: false }, (real) => {
    answer.writeHead(real.statusCode, real.headers);
    real.pipe(answer);
  }).end();
}).listen(8001, '127.0.0.1', () => console.log('open'));`;

async function openPlainDoor({ bed, kubernetes }: Cluster): Promise<{ kill(): void }> {
  const [program = '', ...enter] = bed.host.enter();
  const env = { SERVER: kubernetes.url, TOKEN: 'admin-token' };
  const child = spawn(program, [...enter, 'setpriv', '--pdeathsig', 'KILL', process.execPath, '-e', DOOR], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return { kill: () => void child.kill('SIGKILL') };
}
