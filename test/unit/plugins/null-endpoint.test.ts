import { describe, expect, test } from 'vitest';
import { requireReady } from '../../../plugins/decide/cluster.ts';
import { stored } from '../../../plugins/decide/find-endpoint.ts';
import { endpointAddresses } from '../../../plugins/decide/result.ts';
import { openView } from '../../../shared/datastore/known-view.ts';
import { get } from '../../../shared/datastore/query.ts';
import { CLUSTER_INFORMATION, endpointRef } from '../../../shared/datastore/ref.ts';
import { CLUSTER_INFORMATION_KEY } from '../../../shared/etcd/keys.ts';

const KEY = '/calico/resources/v3/projectcalico.org/workloadendpoints/default/n1-cni-c1-eth0';
const FULL = {
  kind: 'WorkloadEndpoint',
  metadata: {
    name: 'n1-cni-c1-eth0',
    namespace: 'default',
    uid: 'u',
    creationTimestamp: '2026-11-21T07:06:55Z',
    labels: { a: 'b' },
  },
  spec: {
    orchestrator: 'cni',
    node: 'n1',
    containerID: 'c1',
    endpoint: 'eth0',
    ipNetworks: ['10.0.0.1/32'],
    profiles: ['net1'],
    interfaceName: 'calic1',
    mac: '02:00:00:00:00:01',
    ports: null,
  },
};
const REF = endpointRef('default', 'n1-cni-c1-eth0');
const read = (value: unknown) => stored({ ref: REF, at: KEY, value: JSON.stringify(value), version: '1' }).endpoint;
const specWith = (field: string, value: unknown) => ({ ...FULL, spec: { ...FULL.spec, [field]: value } });
const metadataWith = (field: string, value: unknown) => ({ ...FULL, metadata: { ...FULL.metadata, [field]: value } });

describe('a stored endpoint', () => {
  test.each(['containerID', 'endpoint', 'interfaceName', 'ipNetworks', 'profiles', 'mac', 'node', 'ports'])(
    'spec.%s null is as good as missing',
    (field) => {
      expect(read(specWith(field, null)).spec).toEqual(read(specWith(field, undefined)).spec);
    },
  );

  test.each([null, undefined, {}])('spec %j is empty', (spec) => {
    expect(read({ ...FULL, spec }).spec).toEqual({});
    expect(endpointAddresses(read({ ...FULL, spec }))).toEqual([]);
  });

  test.each([null, undefined, {}, { name: null }, { name: '' }])(
    'without a name (metadata %j) has its object’s',
    (metadata) => {
      expect(read({ ...FULL, metadata }).metadata.name).toBe('n1-cni-c1-eth0');
    },
  );

  test('without null stays as stored, to the byte', () => {
    const { ports: _, ...spec } = FULL.spec;
    expect(JSON.stringify(read({ ...FULL, spec }))).toBe(JSON.stringify({ ...FULL, spec }));
  });

  test('that is null is empty', () => {
    expect(read(null)).toMatchObject({ spec: {}, metadata: { name: 'n1-cni-c1-eth0' } });
  });

  test('without a MAC may have an empty one, and empty networks are left out', () => {
    expect(read(specWith('mac', '')).spec.mac).toBeUndefined();
    expect(endpointAddresses(read(specWith('ipNetworks', [null, '', '10.0.0.1/32'])))).toEqual([
      { family: 4, address: '10.0.0.1' },
    ]);
    expect(read(specWith('profiles', [null, 'net1'])).spec.profiles).toEqual(['', 'net1']);
  });

  test.each([
    ['containerID', 7, 'number', 'string'],
    ['endpoint', [], 'array', 'string'],
    ['interfaceName', true, 'bool', 'string'],
    ['ipNetworks', '10.0.0.1/32', 'string', '[]string'],
    ['ipNetworks', [7], 'number', 'string'],
    ['profiles', {}, 'object', '[]string'],
    ['mac', 7, 'number', 'string'],
  ])('with spec.%s as %j is refused with key and field', (field, value, found, wanted) => {
    const text = JSON.stringify(specWith(field, value));
    expect(() => read(specWith(field, value))).toThrow(
      `failed to parse datastore entry key=${KEY}; value=${text}: json: cannot unmarshal ${found} into Go struct field WorkloadEndpoint.spec.${field} of type ${wanted}`,
    );
  });

  test.each([
    [specWith('ipNetworks', ['x']), 'WorkloadEndpoint.spec.ipNetworks: "x" is not a network'],
    [specWith('mac', 'x'), 'WorkloadEndpoint.spec.mac: "x" is not a MAC address'],
    [metadataWith('name', 7), 'field WorkloadEndpoint.metadata.name of type string'],
    [metadataWith('uid', {}), 'field WorkloadEndpoint.metadata.uid of type string'],
    [{ ...FULL, spec: 'x' }, 'field WorkloadEndpoint.spec of type object'],
    [{ ...FULL, metadata: [] }, 'field WorkloadEndpoint.metadata of type object'],
    [[], 'not a JSON object'],
  ])('%j is refused', (value, why) => {
    expect(() => read(value)).toThrow(why);
  });
});

describe('ClusterInformation', () => {
  const ready = (value: unknown, at = CLUSTER_INFORMATION_KEY) => {
    const view = openView();
    const entry = { ref: CLUSTER_INFORMATION, at, value: JSON.stringify(value), version: '1' };
    view.learn(get(CLUSTER_INFORMATION), { entries: [entry], refs: [] });
    requireReady(view);
  };

  test.each([
    null,
    {},
    { spec: null },
    { spec: {} },
    { spec: { datastoreReady: null } },
    { spec: { datastoreReady: false } },
  ])('%j is not ready', (value) => {
    expect(() => ready(value)).toThrow('Calico is currently not ready to process requests');
  });

  test.each([
    [CLUSTER_INFORMATION_KEY, 'calicoctl datastore ready true'],
    [
      'clusterinformations/default',
      `kubectl patch clusterinformations default --type=merge -p '{"spec":{"datastoreReady":true}}'`,
    ],
  ])('stored at %s and not ready: the advice works there', (at, advice) => {
    expect(() => ready({}, at)).toThrow(expect.objectContaining({ details: expect.stringContaining(`: ${advice}`) }));
  });

  test.each([
    [
      { spec: { datastoreReady: 'true' } },
      'string into Go struct field ClusterInformation.spec.datastoreReady of type bool',
    ],
    [{ spec: [] }, 'array into Go struct field ClusterInformation.spec of type object'],
    [[], 'array into Go value of type object'],
  ])('%j is refused with key and field', (value, why) => {
    expect(() => ready(value)).toThrow(
      `failed to parse datastore entry key=${CLUSTER_INFORMATION_KEY}; value=${JSON.stringify(value)}: json: cannot unmarshal ${why}`,
    );
  });
});
