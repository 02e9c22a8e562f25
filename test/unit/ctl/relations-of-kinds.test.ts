import { describe, expect, test } from 'vitest';
import { patch } from '../../../ctl/change/patch.ts';
import type { Fields, Named } from '../../../ctl/resource/resource.ts';
import { cluster, known, put, RESOURCES, refusal, run, stamp } from './change-stage.ts';

describe('of other kinds refused is', () => {
  test.each<[string, Named, Fields, string]>([
    [
      'BGPPeer',
      { name: 'p' },
      { node: 'n', nodeSelector: 'all()' },
      'spec.node (Node field must be empty when NodeSelector is specified)',
    ],
    [
      'BGPPeer',
      { name: 'p' },
      { reachableBy: 'fd00::1', peerIP: '10.0.0.1' },
      'spec.reachableBy (ReachableBy and PeerIP address family mismatched)',
    ],
    ['BGPPeer', { name: 'p' }, { asNumber: 2 ** 32 }, "spec.asNumber = '4294967296' (invalid AS Number)"],
    [
      'BGPConfiguration',
      { name: 'default' },
      { communities: [{ name: 'a', value: '1:2' }] },
      'spec.communities (communities are defined but not used in Spec.PrefixAdvertisement[].)',
    ],
    [
      'BGPConfiguration',
      { name: 'default' },
      { prefixAdvertisements: [{ cidr: '10.0.0.0/8', communities: ['mine'] }] },
      'spec.prefixAdvertisements[0].communities (community used is invalid or not defined.)',
    ],
    [
      'BGPConfiguration',
      { name: 'node.n1' },
      { asNumber: 64_512 },
      'BGPConfiguration.Spec.ASNumber (Cannot set ASNumber on a non default BGP Configuration.)',
    ],
    [
      'BGPFilter',
      { name: 'f' },
      { exportV4: [{ action: 'Accept', cidr: '10.0.0.0/8' }] },
      'spec.exportV4[0].cidr (MatchOperator cannot be empty when CIDR is not)',
    ],
    [
      'HostEndpoint',
      { name: 'h' },
      { node: 'n' },
      'spec.interfaceName (no interface or expected IPs have been specified)',
    ],
    ['HostEndpoint', { name: 'h' }, { interfaceName: 'eth0' }, 'spec.node (no node has been specified)'],
    [
      'BGPConfiguration',
      { name: 'default' },
      { prefixAdvertisements: [{ cidr: '10.0.0.0/8', communities: ['70000:1'] }] },
      'spec.prefixAdvertisements[0].communities (community used is invalid or not defined.)',
    ],
    ['GlobalNetworkSet', { name: 's' }, { nets: ['10.0.0.0/8', ''] }, 'spec.nets[1] (must not be empty)'],
    ['GlobalNetworkSet', { name: 's' }, { nets: [null] }, 'spec.nets[0] (must not be empty)'],
    [
      'Node',
      { name: 'n' },
      { addresses: [{ address: 'here' }] },
      "spec.addresses[0].address = 'here' (must be a CIDR or an IP address)",
    ],
    ['Node', { name: 'n' }, { bgp: {} }, 'spec.bgp (Spec.BGP should not be empty)'],
    [
      'FelixConfiguration',
      { name: 'node.n1' },
      { nodeSelector: 'all()' },
      "spec.nodeSelector = 'all()' (nodeSelector must not be set on the 'default' or per-node ('node.*') FelixConfiguration)",
    ],
    [
      'FelixConfiguration',
      { name: 'default' },
      { reportingInterval: 30 },
      'spec.reportingInterval = \'30\' (must be a duration that is not negative, such as "90s" or "1m30s")',
    ],
    [
      'KubeControllersConfiguration',
      { name: 'other' },
      {},
      'Metadata.Name = \'other\' (Cannot create a Kube Controllers Configuration resource with a name other than "default")',
    ],
    [
      'StagedGlobalNetworkPolicy',
      { name: 's' },
      { stagedAction: 'Delete', order: 1 },
      'StagedGlobalNetworkPolicySpec (Spec fields, except Tier, should all be zero-value if stagedAction is Delete)',
    ],
  ])('%s %j %j', async (kind, named, spec, text) => {
    await expect(put(await cluster(), kind, named, spec)).rejects.toEqual(refusal(`error with field ${text}`));
  });

  test('a kind without a schema, naming what can write it', async () => {
    const named = { name: 's', namespace: 'ns' };
    await expect(put(await cluster(), 'StagedKubernetesNetworkPolicy', named, {})).rejects.toEqual(
      expect.objectContaining({
        message: expect.stringMatching(
          /^operation apply is not supported on StagedKubernetesNetworkPolicy: .*use Calico’s own calicoctl$/,
        ),
      }),
    );
  });

  test.each([
    ['create', 'resource already exists: projectcalico-default-allow with error: '],
    ['apply', 'operation Update is not supported on projectcalico-default-allow: '],
    ['replace', 'operation Update is not supported on projectcalico-default-allow: '],
  ] as const)('to %s Calico’s own profile', async (manner, text) => {
    await expect(put(await cluster(), 'Profile', { name: 'projectcalico-default-allow' }, {}, manner)).rejects.toEqual(
      expect.objectContaining({ message: expect.stringContaining(text) }),
    );
  });

  test('a label that Kubernetes refuses', async () => {
    const store = await cluster();
    const metadata = { name: 'n', labels: { 'a b': '1', ok: '-' } } as Named;
    await expect(put(store, 'GlobalNetworkSet', metadata, {})).rejects.toEqual(
      expect.objectContaining({
        message: expect.stringMatching(/Metadata\.Labels \(label\) = 'a b'[\s\S]*\(value\) = '-'/),
      }),
    );
  });
});

describe('what is stored and unknown here', () => {
  const KEY = `${RESOURCES}/felixconfigurations/default`;
  const old = '{"metadata":{"name":"default","uid":"u"},"spec":{"fromALaterRelease":{"a":[1]},"bpfEnabled":true}}';

  test('stays unchanged when something else is patched or applied', async () => {
    const store = await cluster();
    store.put(KEY, old);
    const kind = known('FelixConfiguration');
    await run(store, () => patch(kind, { name: 'default' }, { spec: { bpfEnabled: false } }, stamp));
    expect(JSON.parse(store.dump()[KEY] ?? '').spec).toMatchObject({
      fromALaterRelease: { a: [1] },
      bpfEnabled: false,
    });
    await put(store, 'FelixConfiguration', { name: 'default' }, { fromALaterRelease: { a: [1] } });
    expect(JSON.parse(store.dump()[KEY] ?? '').spec).toMatchObject({ fromALaterRelease: { a: [1] } });
  });

  test('is not changed', async () => {
    const store = await cluster();
    store.put(KEY, old);
    await expect(
      put(store, 'FelixConfiguration', { name: 'default' }, { fromALaterRelease: { a: [2] } }),
    ).rejects.toEqual(refusal('error with field spec.fromALaterRelease (unknown field "spec.fromALaterRelease")'));
  });
});
