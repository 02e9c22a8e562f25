import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { definitions } from '../../../ctl/manifest/definitions.ts';
import { type Host, startHost } from '../../support/host/host.ts';
import { hasKubernetes, type Kubernetes, startKubernetes } from '../../support/kubernetes/api-server.ts';
import { apiVersionOf, resourcePath } from '../../support/kubernetes-datastore/custom-resources.ts';
import { ACCEPTED, BLOCK, REFUSED } from '../../support/kubernetes-datastore/ipam-specs.ts';
import { defineOtherKinds } from '../../support/kubernetes-datastore/other-kinds.ts';

type Json = Readonly<Record<string, unknown>>;

const GROUP = 'crd.projectcalico.org';

/** As the original stores them: in its manifest's cluster, by kubectl, and by releases before 3.0. */
const STORED: readonly (readonly [plural: string, spec: Json])[] = [
  [
    'ippools',
    { cidr: '192.168.0.0/16', 'nat-outgoing': true, ipip: { enabled: true, mode: 'always' }, vxlanMode: 'Never' },
  ],
  [
    'clusterinformations',
    { clusterGUID: 'ab12', clusterType: 'typha,k8s,kdd', calicoVersion: 'v3.30', datastoreReady: true },
  ],
  ['felixconfigurations', { bpfConnectTimeLoadBalancing: 'TCP', logSeverityScreen: 'Info', reportingInterval: '0s' }],
  ['tiers', { order: 1_000_000, defaultAction: 'Deny' }],
  ['bgpconfigurations', { asNumber: 4_200_000_000, serviceClusterIPs: [{ cidr: '10.96.0.0/12' }] }],
  [
    'globalnetworkpolicies',
    { order: 10.5, ingress: [{ action: 'Allow', protocol: 'TCP', destination: { ports: [80, '8080:8090', 'http'] } }] },
  ],
  ['kubecontrollersconfigurations', { controllers: { node: { leakGracePeriod: '15m0s', hostEndpoint: {} } } }],
];

describe.skipIf(!hasKubernetes())('the definitions that calico-install prints', () => {
  let host: Host;
  let kubernetes: Kubernetes;
  beforeAll(async () => {
    host = await startHost();
    kubernetes = await startKubernetes(host);
    await defineOtherKinds(kubernetes.ask, GROUP);
  });
  afterAll(async () => {
    await kubernetes?.stop();
    await host?.stop();
  });

  const kindOf = (plural: string) => {
    const found = definitions().filter(({ metadata }) => metadata.name === `${plural}.${GROUP}`);
    const [spec] = found.map((one) => one['spec'] as { readonly names: { readonly kind: string } });
    return spec?.names.kind;
  };
  let numbered = 0;
  const post = (plural: string, spec: Json) =>
    kubernetes.ask('POST', resourcePath(GROUP, plural), {
      apiVersion: apiVersionOf(GROUP),
      kind: kindOf(plural),
      metadata: { name: `o-${++numbered}` },
      spec,
    });

  test('are all accepted as structural', async () => {
    const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    const { items } = (await kubernetes.ask('GET', path)).body as {
      readonly items: readonly {
        readonly metadata: { readonly name: string };
        readonly status: { readonly conditions: readonly { readonly type: string; readonly status: string }[] };
      }[];
    };
    expect(items).toHaveLength(definitions().length);
    for (const { metadata, status } of items) {
      const named = Object.fromEntries(status.conditions.map(({ type, status: word }) => [type, word]));
      expect(named, metadata.name).toEqual({ NamesAccepted: 'True', Established: 'True' });
    }
  });

  test.each([...ACCEPTED, ...STORED])('take %s %j', async (plural, spec) => {
    expect(await post(plural, spec)).toMatchObject({ status: 201 });
  });

  test.each(REFUSED)('refuse %s %j', async (plural, spec, wanted) => {
    const { status, body } = await post(plural, spec);
    expect({ status, message: body['message'] }).toEqual({ status: 422, message: expect.stringMatching(wanted) });
  });

  test('keep fields that only a newer Calico knows', async () => {
    const attributes = [{ handle_id: 'h', secondary: { node: 'node1' }, since: 'v3.40' }];
    const { body } = await post('ipamblocks', { ...BLOCK, attributes, moreThanEver: { a: 1 } });
    expect(body['spec']).toMatchObject({ attributes, moreThanEver: { a: 1 } });
    const pool = await post('ippools', { cidr: '10.0.0.0/8', newMode: 'Fast' });
    expect(pool.body['spec']).toEqual({ cidr: '10.0.0.0/8', newMode: 'Fast' });
  });

  test.each([
    ['cidr', { cidr: '10.2.0.0/16', blockSize: 26 }],
    ['blockSize', { cidr: '10.1.0.0/16', blockSize: 27 }],
  ])('let nobody change the %s of a pool', async (field, spec) => {
    const { body } = await post('ippools', { cidr: '10.1.0.0/16', blockSize: 26 });
    const { name } = body['metadata'] as { readonly name: string };
    const put = await kubernetes.ask('PUT', resourcePath(GROUP, 'ippools', name), { ...body, spec });
    expect(put).toMatchObject({
      status: 422,
      body: { message: expect.stringContaining(`the ${field} of a pool cannot be changed`) },
    });
  });
});
