import { expect, onTestFinished, test } from 'vitest';
import { tools } from '../../../build/tools.ts';
import { binding, role, rule } from '../../../ctl/manifest/access.ts';
import { PLURALS } from '../../../shared/calico/resource-kind.ts';
import { calicoctl } from '../../support/calicoctl/calicoctl.ts';
import type { Watching } from '../../support/install/watching.ts';
import { PLUGIN_TOKEN, PLUGIN_USER } from '../../support/kubernetes/plugin-user.ts';
import { writeKubeconfig } from '../../support/kubernetes/pods.ts';
import type { KubernetesBed } from '../../support/kubernetes-datastore/bed.ts';
import { inOneGroup } from '../../support/kubernetes-datastore/cluster-of-tests.ts';
import { until } from '../../support/kubernetes-datastore/custom-resources.ts';
import { defineOtherKinds } from '../../support/kubernetes-datastore/other-kinds.ts';
import { grantRights, NODE_RIGHTS } from '../../support/kubernetes-datastore/plugin-rights.ts';
import { nodeRun, untilReady } from '../../support/node/running.ts';

const KUBECONFIG = '/run/calico-test/node-kubeconfig';
const GROUP = 'crd.projectcalico.org';
const SLICES = '/apis/discovery.k8s.io/v1/namespaces/prod/endpointslices';

interface ServiceObject {
  readonly spec: { readonly clusterIP: string };
}

inOneGroup('addresses of Kubernetes’ services', (bed) => {
  test('are announced by the nodes that have a ready endpoint, with the rights of the printed role', async () => {
    await defineOtherKinds(bed.ask, GROUP);
    await grantRights(bed.ask, NODE_RIGHTS);
    const networks = [{ cidr: '10.101.0.0/16' }];
    await stored(bed, 'BGPConfiguration', 'default', { serviceClusterIPs: networks });
    const running = startOn(bed);
    await untilReady(bed);
    await untilTold(bed, 'route 10.101.0.0/16 blackhole', true);
    const address = await localService(bed, 'web');
    await bed.kubernetes.create(SLICES, slice('web', 'node1'));
    await untilTold(bed, `route ${address}/32 blackhole`, true);
    await bed.ask('PUT', `${SLICES}/web-1`, slice('web', 'node2'));
    await untilTold(bed, `route ${address}/32 blackhole`, false);
    await bed.ask('PUT', `${SLICES}/web-1`, slice('web', 'node1'));
    await untilTold(bed, `route ${address}/32 blackhole`, true);
    await bed.ask('DELETE', '/api/v1/namespaces/prod/services/web');
    await untilTold(bed, `route ${address}/32 blackhole`, false);
    expect(running.said()).not.toContain('unauthorized');
    await running.stop();
  });

  test('are not, and the rest is as it was, without a right to read them', async () => {
    await grantRights(
      bed.ask,
      NODE_RIGHTS.filter(({ resource }) => resource !== 'services'),
    );
    const running = startOn(bed);
    await running.says('connection is unauthorized');
    expect(running.said()).toContain('resources: ["services"]');
    await untilTold(bed, 'route 10.101.0.0/16 blackhole', true);
    await running.stop();
  });
});

inOneGroup('passwords of BGP sessions', (bed) => {
  test('are read from the Secrets that a role names, and no others', async () => {
    await defineOtherKinds(bed.ask, GROUP);
    await grantRights(bed.ask, NODE_RIGHTS);
    for (const name of ['bgp-secrets', 'others'])
      await bed.kubernetes.create('/api/v1/namespaces/kube-system/secrets', {
        metadata: { name },
        stringData: { rack: `between us and ${name}` },
      });
    await mayReadSecret(bed, 'bgp-secrets');
    for (const [number, name] of ['bgp-secrets', 'others'].entries())
      await stored(bed, 'BGPPeer', name, {
        peerIP: `10.0.0.20${number}`,
        asNumber: 64_600,
        password: { secretKeyRef: { name, key: 'rack' } },
      });
    const running = startOn(bed);
    await untilTold(bed, 'neighbor 10.0.0.201 as 64600', true);
    const file = await bed.host.must('cat', ['/run/calico/bird.cfg']);
    expect(file.match(/password "[^"]*"/g)).toEqual(['password "between us and bgp-secrets"']);
    await running.says('others');
    expect(running.said()).not.toContain('between us');
    await running.stop();
  });
});

/** Starts `calicoctl node run` with BIRD, whose traces end with the test. */
function startOn(bed: KubernetesBed): Watching {
  writeKubeconfig(bed, bed.kubernetes, PLUGIN_TOKEN, KUBECONFIG);
  const path = `${tools().birds?.[2]}:/usr/sbin:/usr/bin:/sbin:/bin`;
  const env = { DATASTORE_TYPE: 'kubernetes', KUBECONFIG, CALICO_NETWORKING_BACKEND: 'bird', PATH: path };
  onTestFinished(async () => void (await calicoctl(bed, 'node stop --clean', env)));
  return nodeRun(bed, '--name=node1', env);
}

const untilTold = ({ host }: KubernetesBed, line: string, isTold: boolean): Promise<void> =>
  until(
    async () => {
      const { exit, stdout } = await host.run('cat', ['/run/calico/bird.cfg']);
      return exit === 0 && stdout.includes(line) === isTold;
    },
    `BIRD to ${isTold ? 'be' : 'be no longer'} told ${line}`,
  );

/** Stores a resource of Calico's. */
const stored = ({ kubernetes }: KubernetesBed, kind: 'BGPConfiguration' | 'BGPPeer', name: string, spec: object) =>
  kubernetes.create(`/apis/${GROUP}/v1/${PLURALS[kind]}`, {
    apiVersion: `${GROUP}/v1`,
    kind,
    metadata: { name },
    spec,
  });

/** A service of a node port for nodes with an endpoint only; its address. */
async function localService({ kubernetes, ask }: KubernetesBed, name: string): Promise<string> {
  await kubernetes.create('/api/v1/namespaces/prod/services', {
    metadata: { name },
    spec: { type: 'NodePort', externalTrafficPolicy: 'Local', ports: [{ port: 80 }] },
  });
  const { body } = await ask('GET', `/api/v1/namespaces/prod/services/${name}`);
  return (body as unknown as ServiceObject).spec.clusterIP;
}

const slice = (service: string, nodeName: string) => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: `${service}-1`, labels: { 'kubernetes.io/service-name': service } },
  addressType: 'IPv4',
  ports: [{ port: 80 }],
  endpoints: [{ addresses: ['192.168.89.65'], nodeName, conditions: { ready: true } }],
});

/** As the original's documentation has it. */
async function mayReadSecret({ kubernetes }: KubernetesBed, name: string): Promise<void> {
  const path = '/apis/rbac.authorization.k8s.io/v1/namespaces/kube-system';
  const reads = { ...rule('', ['secrets'], ['get']), resourceNames: [name] };
  await kubernetes.create(`${path}/roles`, role('Role', 'bgp-secrets', [reads]));
  await kubernetes.create(`${path}/rolebindings`, {
    ...binding('Role', 'bgp-secrets'),
    subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: PLUGIN_USER }],
  });
}
