import { afterEach, expect, test } from 'vitest';
import { calicoctl } from '../../support/calicoctl/calicoctl.ts';
import { PLUGIN_TOKEN } from '../../support/kubernetes/plugin-user.ts';
import { writeKubeconfig } from '../../support/kubernetes/pods.ts';
import { inOneGroup } from '../../support/kubernetes-datastore/cluster-of-tests.ts';
import { grantRights, NODE_RIGHTS } from '../../support/kubernetes-datastore/plugin-rights.ts';
import { nodeRun, untilReady, untilUnready } from '../../support/node/running.ts';

const KUBECONFIG = '/run/calico-test/node-kubeconfig';
const ENV = { DATASTORE_TYPE: 'kubernetes', KUBECONFIG };

interface KubernetesNode {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly [field: string]: string }[] };
}

inOneGroup('calicoctl node run registers a Kubernetes node', (bed) => {
  afterEach(() => bed.host.must('rm', ['-f', '/var/lib/calico/nodename', '/var/lib/calico/mtu']));

  const nodeObject = async (name: string) =>
    (await bed.ask('GET', `/api/v1/nodes/${name}`)).body as unknown as KubernetesNode;
  const run = (line: string) => {
    writeKubeconfig(bed, bed.kubernetes, PLUGIN_TOKEN, KUBECONFIG);
    return nodeRun(bed, line, ENV);
  };
  const conditionOf = async (name: string) =>
    (await nodeObject(name)).status.conditions?.find(({ type }) => type === 'NetworkUnavailable');

  test('with the rights of the printed role: annotations, and the condition of its network', async () => {
    await grantRights(bed.ask, NODE_RIGHTS);
    const running = run('--name=node1 --as=64513');
    await running.says('Kubernetes node: its condition NetworkUnavailable is False');
    await untilReady(bed);
    expect((await nodeObject('node1')).metadata.annotations).toMatchObject({
      'projectcalico.org/IPv4Address': '10.0.0.1/24',
      'projectcalico.org/ASNumber': '64513',
    });
    expect(await conditionOf('node1')).toMatchObject({
      status: 'False',
      reason: 'CalicoIsUp',
      message: 'Calico is running on this node',
    });
    expect(await running.stop()).toBe(0);
  });

  test('refuses an address of another node, and takes the InternalIP', async () => {
    await grantRights(bed.ask, NODE_RIGHTS);
    writeKubeconfig(bed, bed.kubernetes, PLUGIN_TOKEN, KUBECONFIG);
    const refused = await calicoctl(bed, 'node run --name=node2 --ip=10.0.0.1', ENV);
    expect([refused.exit, refused.stderr]).toEqual([
      1,
      expect.stringContaining(
        "Failed to execute command: Calico node 'node1' is already using the IPv4 address 10.0.0.1\n",
      ),
    ]);
    const addresses = [{ type: 'InternalIP', address: '10.0.0.77' }];
    await bed.ask('PATCH', '/api/v1/nodes/node2/status', { status: { addresses } });
    const running = run('--name=node2 --ip=autodetect --ip-autodetection-method=kubernetes-internal-ip');
    await running.says(
      'node: Node(node2) has the IPv4 address 10.0.0.77/32 (the Kubernetes node’s InternalIP; no interface of this machine has it)',
    );
    await running.stop();
  });

  test('says once which rights are missing, goes on with the rest, and is ready when they are there', async () => {
    await grantRights(
      bed.ask,
      NODE_RIGHTS.filter(({ verb, resource }) => !(resource === 'nodes/status' && verb === 'patch')),
    );
    const running = run('--name=node1');
    await running.says('Kubernetes node: connection is unauthorized');
    await untilUnready(bed, 'connection is unauthorized');
    expect(running.said()).toContain('- apiGroups: [""]\n  resources: ["nodes/status"]\n  verbs: ["patch"]');
    expect(running.said()).toContain('mtu: ');
    await grantRights(bed.ask, NODE_RIGHTS);
    await running.says('Kubernetes node: its condition NetworkUnavailable is False');
    await untilReady(bed);
    expect(running.said().split('connection is unauthorized').length).toBe(2);
    await running.stop();
  });

  test('needs neither tiers nor rights on them', async () => {
    await grantRights(
      bed.ask,
      NODE_RIGHTS.filter(({ resource }) => resource !== 'tiers'),
    );
    const running = run('--name=node1');
    await running.says('node: ClusterInformation and tiers are left as they are: connection is unauthorized');
    await untilReady(bed);
    await running.stop();
  });

  test('waits for a node that Kubernetes does not have yet', async () => {
    await grantRights(bed.ask, NODE_RIGHTS);
    const running = run('--name=node7 --ip=10.0.0.7');
    await running.says('operation Create is not supported on Node(node7)');
    expect((await calicoctl(bed, 'node run --live')).exit).toBe(0);
    await bed.kubernetes.create('/api/v1/nodes', { metadata: { name: 'node7' } });
    await untilReady(bed);
    await running.stop();
  });
});
