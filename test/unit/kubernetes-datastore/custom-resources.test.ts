import { expect, test } from 'vitest';
import { parseJson } from '../../../shared/calico/json.ts';
import type { Ref, RefKind } from '../../../shared/datastore/ref.ts';
import { affinityRef, blockRef, handleRef, IPAM_CONFIG, poolRef } from '../../../shared/datastore/ref.ts';
import { type ApiGroup, configuredGroup, V1, V3 } from '../../../shared/kubernetes-datastore/api-group.ts';
import { accessIn } from '../../../shared/kubernetes-datastore/kind-access.ts';
import { metadataOf } from '../../../shared/kubernetes-datastore/metadata.ts';
import type { ApiObject } from '../../../shared/kubernetes-datastore/resource-access.ts';
import { network } from '../../../shared/net/cidr.ts';

const CIDR = network(4, 0xc0a85970n, 28);
const UID = '80b359f4-42bd-47f9-a9c1-c2aa0da13cf0';
const access = (kind: RefKind, group: ApiGroup = V1) => accessIn(group, { reading: 'written', env: {} })(kind);
const parse = (text: string) => parseJson('', text) as ApiObject;
/** The requests that change the object to `next`. */
const sent = (ref: Ref, next: string, seen?: ApiObject, group: ApiGroup = V1) =>
  access(ref.kind, group)
    .write({ ref, next, seen: undefined }, seen)
    .map(({ method, path, body = '{}' }) => ({ method, path, body: parse(body) }));
const metadata = { name: '192-168-89-112-28', resourceVersion: '315', uid: UID };
const ANNOTATION = 'projectcalico.org/metadata';

const BLOCK = `{"kind":"IPAMBlock","apiVersion":"crd.projectcalico.org/v1","metadata":{"name":"192-168-89-112-28","resourceVersion":"315","uid":"${UID}","annotations":{"projectcalico.org/metadata":"{}"}},"spec":{"cidr":"192.168.89.112/28","affinity":"host:node1","affinityClaimTime":"2026-11-28T01:21:01Z","allocations":[0,null],"unallocated":[1],"attributes":[{"handle_id":"k8s-pod-network.c0ffee0001","secondary":{"node":"node1"}}],"sequenceNumber":1795828861775729166,"sequenceNumberForAllocation":{"0":1795828861775729162},"deleted":false,"strictAffinity":false}}`;

test('a block is decoded as stored in etcd, with exact sequence numbers', () => {
  const entry = access('block').decode(parse(BLOCK));
  expect(entry).toMatchObject({ ref: blockRef(CIDR), at: 'ipamblocks/192-168-89-112-28', version: '315' });
  expect(entry?.value).toBe(
    '{"cidr":"192.168.89.112/28","affinity":"host:node1","affinity_claim_time":"2026-11-28T01:21:01Z","allocations":[0,null],"unallocated":[1],"attributes":[{"handle_id":"k8s-pod-network.c0ffee0001","secondary":{"node":"node1"}}],"sequenceNumber":1795828861775729166,"sequenceNumberForAllocation":{"0":1795828861775729162},"deleted":false}',
  );
});

test('a block is written back with its unknown fields, and its numbers as integers', () => {
  const seen = parse(BLOCK);
  const [request] = access('block').write(
    { ref: blockRef(CIDR), next: access('block').decode(seen)?.value, seen: '315' },
    seen,
  );
  expect(request).toMatchObject({
    method: 'PUT',
    path: '/apis/crd.projectcalico.org/v1/ipamblocks/192-168-89-112-28',
    asked: { verb: 'update', group: 'crd.projectcalico.org', resource: 'ipamblocks' },
  });
  expect(request?.body).toContain(
    '"sequenceNumber":1795828861775729166,"sequenceNumberForAllocation":{"0":1795828861775729162}',
  );
  expect(parse(request?.body ?? '')).toEqual(seen);
});

test('a block with nulls, as etcd may hold, is written to match the schema', () => {
  const next =
    '{"cidr":"192.168.89.112/28","affinity":null,"allocations":[null],"unallocated":[0],"attributes":null,"sequenceNumber":0,"sequenceNumberForAllocation":null,"deleted":false}';
  expect(sent(blockRef(CIDR), next)).toEqual([
    {
      method: 'POST',
      path: '/apis/crd.projectcalico.org/v1/ipamblocks',
      body: {
        kind: 'IPAMBlock',
        apiVersion: 'crd.projectcalico.org/v1',
        metadata: { name: '192-168-89-112-28', annotations: { [ANNOTATION]: '{}' } },
        spec: {
          cidr: '192.168.89.112/28',
          allocations: [null],
          unallocated: [0],
          attributes: [],
          sequenceNumber: 0,
          deleted: false,
          strictAffinity: false,
        },
      },
    },
  ]);
});

test('an affinity has the labels for lookup, in v1 in its annotation too', () => {
  const labels = {
    'projectcalico.org/affinity-type': 'host',
    'projectcalico.org/hostname-hash': '7DS2CCNJGGLTHBDQLLFO6SX24SY2YDDEG3W2VN556FA2W4DLLV5A',
    'projectcalico.org/ip-version': '4',
  };
  const next = '{"state":"pending","deleted":false}';
  const spec = { state: 'pending', node: 'node1', type: 'host', cidr: CIDR.text };
  const [v1] = sent(affinityRef('node1', CIDR), next);
  expect(v1?.body['metadata']).toEqual({
    name: 'node1-192-168-89-112-28',
    labels,
    annotations: { [ANNOTATION]: JSON.stringify({ labels }) },
  });
  expect(v1?.body['spec']).toEqual({ ...spec, deleted: 'false' });
  const [v3] = sent(affinityRef('node1', CIDR), next, undefined, V3);
  expect(v3?.body).toEqual({
    kind: 'BlockAffinity',
    apiVersion: 'projectcalico.org/v3',
    metadata: { name: 'node1-192-168-89-112-28', labels },
    spec: { ...spec, deleted: false },
  });
});

test("a node's affinities of both families are one list", () => {
  expect(access('affinity').list({ all: 'affinity', node: 'node1' }).requests[0]?.path).toBe(
    '/apis/crd.projectcalico.org/v1/blockaffinities?labelSelector=projectcalico.org%2Faffinity-type%3Dhost%2Cprojectcalico.org%2Fhostname-hash%3D7DS2CCNJGGLTHBDQLLFO6SX24SY2YDDEG3W2VN556FA2W4DLLV5A',
  );
});

test("an affinity without a type is a host's; a half-deleted one counts as missing", () => {
  const spec = { state: 'confirmed', node: 'node1', cidr: CIDR.text };
  expect(access('affinity').decode({ metadata, spec })).toMatchObject({
    ref: affinityRef('node1', CIDR),
    value: '{"state":"confirmed","deleted":false}',
  });
  expect(access('affinity').decode({ metadata, spec: { ...spec, deleted: 'true' } })).toBeUndefined();
  expect(access('affinity', V3).decode({ metadata, spec: { ...spec, deleted: true } })).toBeUndefined();
});

test('a handle keeps its exact ID, its object name is in lower case', () => {
  const [request] = sent(handleRef('net.ABC'), '{"block":{"192.168.89.112/28":1},"deleted":false}');
  expect(request?.body['metadata']).toMatchObject({ name: 'net.abc' });
  expect(request?.body['spec']).toEqual({ handleID: 'net.ABC', block: { '192.168.89.112/28': 1 }, deleted: false });
  expect(access('handle').decode({ metadata, spec: request?.body['spec'] })).toMatchObject({
    ref: handleRef('net.ABC'),
    value: '{"block":{"192.168.89.112/28":1},"deleted":false}',
  });
});

test('a handle whose ID is not a valid object name is refused before any write, and counts as missing', () => {
  const ref = handleRef('my_net.c0ffee');
  expect(access('handle').get(ref)).toBeUndefined();
  expect(() => sent(ref, '{"block":{},"deleted":false}')).toThrow(/Handle\(my_net.c0ffee\) cannot be stored/);
});

test('a handle whose object name another handle has is refused', () => {
  const seen = { metadata, spec: { handleID: 'net.abc', block: {} } };
  expect(() => sent(handleRef('net.ABC'), '{"block":{}}', seen)).toThrow(
    /ipamhandles\/net.abc holds Handle\(net.abc\)/,
  );
});

test('a half-deleted object is deleted and created again, never reused', () => {
  const seen = { metadata, spec: { cidr: CIDR.text, deleted: true } };
  const next = '{"cidr":"192.168.89.112/28","affinity":null,"allocations":[],"unallocated":[],"sequenceNumber":1}';
  const requests = sent(blockRef(CIDR), next, seen);
  expect(requests.map(({ method }) => method)).toEqual(['DELETE', 'POST']);
  expect(requests[0]?.body['preconditions']).toEqual({ uid: UID, resourceVersion: '315' });
  expect(requests[1]?.body['metadata']).not.toHaveProperty('resourceVersion');
});

test('a deletion has uid and resourceVersion as preconditions', () => {
  const seen = parse(BLOCK);
  const [request] = access('block').write({ ref: blockRef(CIDR), next: undefined, seen: '315' }, seen);
  expect(request).toMatchObject({ method: 'DELETE', asked: { verb: 'delete' } });
  expect(parse(request?.body ?? '')).toEqual({
    kind: 'DeleteOptions',
    apiVersion: 'v1',
    preconditions: { uid: UID, resourceVersion: '315' },
  });
});

test.each([
  [V1, 'ipamconfigs', 'IPAMConfig'],
  [V3, 'ipamconfigurations', 'IPAMConfiguration'],
])('IPAM settings have the same field names as in etcd (%o)', (group, plural, kind) => {
  const spec = { strictAffinity: true, autoAllocateBlocks: true, kubeVirtVMAddressPersistence: 'Enabled' };
  const entry = access('ipamConfig', group).decode({ metadata: { name: 'default', resourceVersion: '7' }, spec });
  expect(entry).toMatchObject({
    ref: IPAM_CONFIG,
    at: `${plural}/default`,
    value: '{"strict_affinity":true,"auto_allocate_blocks":true,"kubeVirtVMAddressPersistence":"Enabled"}',
  });
  const [request] = sent(IPAM_CONFIG, entry?.value ?? '', undefined, group);
  expect(request?.body).toMatchObject({ kind, spec });
});

test('the metadata of a v1 pool is read from and written to the annotation', () => {
  const model = { creationTimestamp: '2026-11-28T01:00:00Z', labels: { rack: 'a' } };
  const object = {
    kind: 'IPPool',
    apiVersion: 'crd.projectcalico.org/v1',
    metadata: {
      name: 'p1',
      uid: UID,
      resourceVersion: '9',
      creationTimestamp: '2026-11-28T02:00:00Z',
      managedFields: [],
      annotations: { [ANNOTATION]: JSON.stringify(model) },
    },
    spec: { cidr: '10.0.0.0/16', blockSize: 28, allowedUses: ['Workload'], ipipMode: 'Always', vxlanMode: 'Never' },
  };
  const entry = access('IPPool').decode(object);
  expect(parse(entry?.value ?? '')).toEqual({
    kind: 'IPPool',
    apiVersion: 'projectcalico.org/v3',
    metadata: { name: 'p1', uid: '01cd9a2f-42bd-479f-a983-4355b0853c0f', ...model },
    spec: object.spec,
  });
  const [request] = sent(poolRef('p1'), entry?.value ?? '', object);
  expect(request?.body).toMatchObject({
    kind: 'IPPool',
    apiVersion: 'crd.projectcalico.org/v1',
    metadata: { name: 'p1', resourceVersion: '9' },
    spec: object.spec,
  });
  const annotations = metadataOf(request?.body ?? {})['annotations'] as Record<string, string>;
  expect(parse(annotations[ANNOTATION] ?? '')).toEqual(model);
});

test('a v3 pool keeps its metadata; defaults that kubectl left out are added', () => {
  const object = {
    metadata: { name: 'p6', uid: UID, resourceVersion: '9', labels: { rack: 'a' }, finalizers: ['x'] },
    spec: { cidr: 'fd00::/64' },
  };
  const entry = access('IPPool', V3).decode(object);
  expect(parse(entry?.value ?? '')).toMatchObject({
    metadata: { name: 'p6', uid: UID, labels: { rack: 'a' }, finalizers: ['x'] },
    spec: { blockSize: 122, allowedUses: ['Workload', 'Tunnel'], ipipMode: 'Never', vxlanMode: 'Never' },
  });
  const [request] = sent(poolRef('p6'), entry?.value ?? '', object, V3);
  expect(request?.body['metadata']).toEqual({
    name: 'p6',
    resourceVersion: '9',
    labels: { rack: 'a' },
    finalizers: ['x'],
  });
});

test.each([
  ['', undefined],
  ['projectcalico.org/v3', V3],
  ['ProjectCalico.org/V3', V3],
  ['crd.projectcalico.org/v1', V1],
  ['anything', V1],
])('calico_api_group %j', (given, group) => {
  expect(configuredGroup(given)).toBe(group);
});
