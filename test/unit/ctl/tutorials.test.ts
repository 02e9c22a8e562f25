import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { initialise } from '../../../ctl/change/initialise.ts';
import { patch } from '../../../ctl/change/patch.ts';
import { decode } from '../../../ctl/change/stored.ts';
import { write } from '../../../ctl/change/write.ts';
import { placed } from '../../../ctl/commands/place.ts';
import { resourcesOf } from '../../../ctl/documents/documents.ts';
import { kindNamed } from '../../../ctl/kinds/kinds.ts';
import { type AnyResource, type Fields, refOf } from '../../../ctl/resource/resource.ts';
import { formatYaml, parseWritten } from '../../../ctl/text/yaml.ts';
import { transact } from '../../../shared/datastore/transaction.ts';
import type { Outcome, Plan } from '../../../shared/datastore/view.ts';
import { silent } from '../../../shared/log/log.ts';
import { type Connection, connected } from '../../support/fake-datastore/connection.ts';
import { fakeWorld } from '../../support/host/fake-world.ts';

const RESOURCES = '/calico/resources/v3/projectcalico.org/';
const stamp = { now: 0n, uid: () => 'u' };
const run = <A>(store: Connection, plan: () => Plan<Outcome<A>>) =>
  transact({ store, world: fakeWorld({}), log: silent, deadline: 1_000 }, plan);

async function applied(store: Connection, text: string): Promise<void> {
  for (const { kind, resource } of resourcesOf(parseWritten('a file', text))) {
    const where = placed(kind, resource.metadata, { namespace: undefined, everywhere: false });
    const given = { ...resource, metadata: { ...resource.metadata, ...where } };
    const request = { manner: 'apply', kind, given, stamp } as const;
    await run(store, () => write(request));
  }
}

async function cluster(...files: readonly string[]): Promise<Connection> {
  const store = connected({});
  await run(store, () => initialise(stamp));
  for (const file of files) await applied(store, readFileSync(`test/testdata/ctl/kinds/${file}`, 'utf8'));
  return store;
}

/** A stored resource as `get` shows it. */
function shown(store: Connection, key: string): AnyResource {
  const value = store.dump()[RESOURCES + key] ?? '';
  const kind = kindNamed(JSON.parse(value).kind);
  if (kind === undefined) throw new Error(`no kind for ${key}`);
  return decode(kind, { ref: refOf(kind.name, JSON.parse(value).metadata), at: key, value, version: '1' });
}

const specOf = (store: Connection, key: string) => JSON.parse(store.dump()[RESOURCES + key] ?? '{}').spec;

describe('files from the tutorials', () => {
  test.each(['bgp.yaml', 'policy.yaml', 'settings.yaml'])(
    '%s is accepted, and applying the output of get changes nothing',
    async (file) => {
      const store = await cluster(file);
      const first = store.dump();
      for (const key of Object.keys(first).filter((name) => !name.includes('clusterinformations'))) {
        const { resourceVersion: _, ...metadata } = shown(store, key.slice(RESOURCES.length)).metadata;
        await applied(store, formatYaml({ ...shown(store, key.slice(RESOURCES.length)), metadata }));
      }
      expect(store.dump()).toEqual(first);
    },
  );

  test('a policy without types gets them from its rules', async () => {
    const store = await cluster('policy.yaml');
    expect(specOf(store, 'networkpolicies/production/no-types')).toEqual({
      tier: 'default',
      egress: [{ action: 'Log', protocol: 17 }],
      types: ['Egress'],
    });
    expect(specOf(store, 'networkpolicies/production/allow-tcp-6379').types).toEqual(['Ingress', 'Egress']);
    expect(specOf(store, 'globalnetworkpolicies/drop-ddos').types).toEqual(['Ingress']);
    expect(specOf(store, 'stagedglobalnetworkpolicies/coming')).toEqual({
      stagedAction: 'Set',
      tier: 'default',
      selector: 'all()',
      types: ['Ingress'],
    });
    expect(specOf(store, 'stagednetworkpolicies/production/retired')).toEqual({
      stagedAction: 'Delete',
      tier: 'default',
    });
  });

  test('a policy is stored with its name and its tier, and shown with its tier', async () => {
    const store = await cluster('policy.yaml');
    const { metadata } = JSON.parse(store.dump()[`${RESOURCES}globalnetworkpolicies/security.block-bad-hosts`] ?? '{}');
    expect(metadata.annotations).toEqual({ 'projectcalico.org/metadata': '{"name":"security.block-bad-hosts"}' });
    expect(metadata.labels).toEqual({ 'projectcalico.org/tier': 'security' });
    const policy = shown(store, 'globalnetworkpolicies/drop-ddos').metadata;
    expect(policy.labels).toEqual({ 'projectcalico.org/tier': 'default' });
    expect(policy.annotations).toBeUndefined();
  });

  test('ports, AS numbers and durations are stored as the original spells them', async () => {
    const store = await cluster('bgp.yaml', 'policy.yaml', 'settings.yaml');
    expect(specOf(store, 'globalnetworkpolicies/drop-ddos').ingress[0].destination.ports).toEqual([
      80,
      443,
      '8080:8090',
      'https',
    ]);
    expect(specOf(store, 'bgppeers/bgppeer-global-3040').asNumber).toBe(65_546);
    expect(specOf(store, 'bgppeers/rack1-tor').maxRestartTime).toBe('1m30s');
    expect(specOf(store, 'bgpconfigurations/node.node1').logSeverityScreen).toBe('Debug');
    expect(specOf(store, 'kubecontrollersconfigurations/default')).toMatchObject({
      prometheusMetricsPort: 9094,
      controllers: { node: { leakGracePeriod: '15m0s' }, loadBalancer: { assignIPs: 'AllServices' } },
    });
    expect(specOf(store, 'tiers/security')).toEqual({ order: 300, defaultAction: 'Deny' });
  });

  test('YAML 1.1’s booleans and a hexadecimal number are read as their fields require', async () => {
    const store = await cluster('settings.yaml', 'policy.yaml');
    expect(specOf(store, 'felixconfigurations/default')).toMatchObject({
      bpfEnabled: false,
      bpfLogLevel: 'Off',
      wireguardEnabled: true,
      iptablesMarkMask: 0xffff0000,
      failsafeInboundHostPorts: [],
      floatingIPs: 'Disabled',
      bpfConnectTimeLoadBalancing: 'TCP',
      nftablesMode: 'Auto',
    });
    const { metadata } = JSON.parse(store.dump()[`${RESOURCES}globalnetworksets/a-name-for-the-set`] ?? '{}');
    expect(metadata.labels).toEqual({ floor: '3', gpu: 'true', role: 'external-database' });
  });
});

test('a number that YAML 1.1 and 1.2 read differently is refused', async () => {
  const store = await cluster();
  const head = 'apiVersion: projectcalico.org/v3\nkind: FelixConfiguration\nmetadata: {name: default}\n';
  await expect(applied(store, `${head}spec: {prometheusMetricsPort: 01777}\n`)).rejects.toEqual(
    expect.objectContaining({
      message:
        "error with field spec.prometheusMetricsPort = '01777' (YAML parsers disagree on numbers with a leading 0: remove it)",
    }),
  );
});

describe('patches of the FelixConfiguration from the tutorials', () => {
  test.each<[string, Fields]>([
    ['{"spec":{"prometheusMetricsEnabled": true}}', { prometheusMetricsEnabled: true }],
    ['{"spec": {"bpfEnabled": true}}', { bpfEnabled: true }],
    ['{"spec":{"wireguardEnabled":true}}', { wireguardEnabled: true }],
    ['{"spec": {"wireguardEnabledV6":true, "wireguardHostEncryptionEnabled": true}}', { wireguardEnabledV6: true }],
    ['{"spec": {"logSeverityScreen": "Debug"}}', { logSeverityScreen: 'Debug' }],
    ['{"spec": {"defaultEndpointToHostAction": "Return"}}', { defaultEndpointToHostAction: 'Return' }],
    ['{"spec": {"iptablesBackend": "NFT"}}', { iptablesBackend: 'NFT' }],
    [
      '{"spec": {"iptablesFilterAllowAction": "Return", "iptablesMangleAllowAction": "Return"}}',
      { iptablesFilterAllowAction: 'Return' },
    ],
    ['{"spec": {"iptablesRefreshInterval": "90s"}}', { iptablesRefreshInterval: '1m30s' }],
    ['{"spec": {"bpfKubeProxyIptablesCleanupEnabled": false}}', { bpfKubeProxyIptablesCleanupEnabled: false }],
    ['{"spec":{"bpfConnectTimeLoadBalancing":"Disabled"}}', { bpfConnectTimeLoadBalancing: 'Disabled' }],
    [
      '{"spec":{"failsafeInboundHostPorts": [{"protocol":"tcp","port":22}]}}',
      { failsafeInboundHostPorts: [{ protocol: 'TCP', port: 22 }] },
    ],
    ['{"spec":{"floatingIPs": "Enabled"}}', { floatingIPs: 'Enabled' }],
    [
      '{"spec":{"featureDetectOverride":"ChecksumOffloadBroken=true"}}',
      { featureDetectOverride: 'ChecksumOffloadBroken=true' },
    ],
    ['{"spec":{"serviceLoopPrevention":"Reject"}}', { serviceLoopPrevention: 'Reject' }],
    ['{"spec":{"mtuIfacePattern":"^((en|wl|ww|sl|ib)[Pcopsvx].*|(eth|wlan|wwan).*)$"}}', {}],
    ['{"spec":{"vxlanVNI":4096,"vxlanPort":4789,"ipipMTU":1440}}', { vxlanVNI: 4096 }],
  ])('%s', async (text, spec) => {
    const store = await cluster('settings.yaml');
    const kind = kindNamed('FelixConfiguration');
    const [change] = parseWritten('the patch', text);
    if (kind === undefined) throw new Error('no kind');
    await run(store, () => patch(kind, { name: 'default' }, change as Fields, stamp));
    expect(specOf(store, 'felixconfigurations/default')).toMatchObject(spec);
  });
});
