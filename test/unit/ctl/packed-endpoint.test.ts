import { expect, test } from 'vitest';
import { type Endpoint, openUsers } from '../../../ctl/check/endpoints.ts';
import { packed, unpacked } from '../../../ctl/check/packed-endpoint.ts';
import { endpointRef } from '../../../shared/datastore/ref.ts';

const ENDPOINT: Endpoint = {
  ref: endpointRef('prod', 'node1-k8s-web--0-eth0'),
  version: '323',
  node: 'node1',
  containerID: 'beef0001',
  interfaceName: 'cali12345678901',
  addresses: [0x0a000001, 0xffffffff, 0xfd000000000000000000000000000005n],
};

test.each<[string, Endpoint, 'string' | 'object']>([
  ['one as usual', ENDPOINT, 'string'],
  ['one without addresses', { ...ENDPOINT, addresses: [] }, 'string'],
  [
    'one with empty fields',
    { ...ENDPOINT, node: '', containerID: '', interfaceName: '', addresses: [0, 0n] },
    'string',
  ],
  ['one with a line break in a field', { ...ENDPOINT, node: 'a\nb' }, 'object'],
  ['one under a name that is no endpoint’s', { ...ENDPOINT, ref: { kind: 'unknown', at: '/calico/x' } }, 'object'],
])('%s is the same after packing', (_, endpoint, form) => {
  expect(typeof packed(endpoint)).toBe(form);
  expect(unpacked(packed(endpoint))).toEqual(endpoint);
});

test('users are found by address and by container, also when more are added later', () => {
  const users = openUsers();
  users.add(ENDPOINT);
  expect(users.ofContainer('beef0002')).toBeUndefined();
  const other = { ...ENDPOINT, containerID: 'beef0002', addresses: [0x0a000001] };
  users.add(other);
  users.add({ ...ENDPOINT, containerID: '', addresses: [] });
  expect(users.of(0x0a000001)).toEqual([ENDPOINT, other]);
  expect(users.of(0xfd000000000000000000000000000005n)).toEqual([ENDPOINT]);
  expect(users.of(7)).toEqual([]);
  expect(users.ofContainer('beef0002')).toEqual(other);
  expect(users.ofContainer('')).toBeUndefined();
});
