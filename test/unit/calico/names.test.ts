import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  endpointName,
  endpointPrefix,
  hostVethName,
  parseEndpointName,
  requireStorable,
  type StoredNames,
} from '../../../shared/calico/names.ts';

const CNI = { node: 'node1', orchestrator: 'cni', workload: 'fbabcdef0123456789', endpoint: 'eth0' };
const POD = { node: 'node-1', orchestrator: 'k8s', workload: 'web-0', endpoint: 'eth0' };

const refusal = (message: string) => expect.objectContaining({ kind: 'refused', message });

const STORABLE: StoredNames = {
  endpointName: 'node1-cni-fbabcdef0123456789-eth0',
  orchestrator: 'cni',
  node: 'node1',
  containerID: 'fbabcdef0123456789',
  pod: '',
  endpoint: 'eth0',
  hostVeth: 'califbabcdef012',
};

test.each([
  [CNI, 'node1-cni-fbabcdef0123456789-eth0', 'node1-cni-fbabcdef0123456789-'],
  [POD, 'node--1-k8s-web--0-eth0', 'node--1-k8s-web--0-'],
  [{ ...POD, workload: 'a--b' }, 'node--1-k8s-a----b-eth0', 'node--1-k8s-a----b-'],
])('endpoint names double their dashes: %j', (parts, name, prefix) => {
  expect(endpointName(parts)).toBe(name);
  expect(endpointPrefix(parts)).toBe(prefix);
  expect(parseEndpointName(name)).toEqual(parts);
});

test('every name is parsed back, whatever dashes its parts contain', () => {
  const part = fc.stringMatching(/^[a-z0-9.]([a-z0-9.-]{0,6}[a-z0-9.])?$/);
  fc.assert(
    fc.property(part, part, part, part, (node, orchestrator, workload, endpoint) => {
      const parts = { node, orchestrator, workload, endpoint };
      expect(parseEndpointName(endpointName(parts))).toEqual(parts);
      expect(endpointName(parts).startsWith(endpointPrefix(parts))).toBe(true);
    }),
  );
});

test('the prefix of web also finds web-0, and only the parsed name distinguishes them', () => {
  expect(endpointName(POD).startsWith(endpointPrefix({ ...POD, workload: 'web' }))).toBe(true);
  expect(parseEndpointName(endpointName(POD))?.workload).toBe('web-0');
});

test('a prefix ends at the first part that is empty', () => {
  expect(endpointPrefix({ ...POD, workload: '' })).toBe('node--1-k8s-');
});

test.each(['', 'a', 'a-b-c', 'a-b-c-d-e', 'a--b-c-d', '-a-b-c'])('%j does not have four parts', (name) => {
  expect(parseEndpointName(name)).toBeUndefined();
});

test.each([
  [{ ...CNI, workload: 'fbx-' }, "prefix: error with field containerID = 'fbx-' (field must not end with a '-')"],
  [{ ...CNI, node: '-n' }, "prefix: error with field node = '-n' (field must not begin with a '-')"],
  [{ ...CNI, node: '' }, 'prefix: error with field node (field should be assigned)'],
  [{ ...POD, workload: '-' }, "prefix: error with field pod = '-' (field must not begin with a '-')"],
  [
    { ...POD, orchestrator: 'nomad', workload: 'a-' },
    "prefix: error with field workload = 'a-' (field must not end with a '-')",
  ],
])('%j has no prefix', (parts, why) => {
  expect(() => endpointPrefix(parts)).toThrow(refusal(`error constructing WorkloadEndpoint ${why}`));
});

test.each([
  [{ ...CNI, workload: '' }, "containerID = '' (field should be assigned)"],
  [{ ...POD, workload: '' }, "pod = '' (field should be assigned)"],
  [{ ...CNI, endpoint: '' }, "endpoint = '' (field should be assigned)"],
  [{ ...CNI, endpoint: 'eth0-' }, "endpoint = 'eth0-' (field must not end with a '-')"],
])('%j has no name', (parts, why) => {
  expect(() => endpointName(parts)).toThrow(
    refusal(`error constructing WorkloadEndpoint name: error with field ${why}`),
  );
});

test('a container’s host interface is named after the first 11 characters of its ID', () => {
  expect(hostVethName('fbabcdef0123456789')).toBe('califbabcdef012');
  expect(hostVethName('ab')).toBe('caliab');
});

test('ordinary names can be stored', () => {
  expect(() => requireStorable(STORABLE, ['net1', 'kns.default'])).not.toThrow();
  expect(() =>
    requireStorable(
      { ...STORABLE, endpointName: 'a'.repeat(253), node: 'a.b-c.d', containerID: 'AB-cd', pod: 'web-0' },
      [],
    ),
  ).not.toThrow();
});

const REGEX =
  "name must consist of lower case alphanumeric characters, '-' or '.' (regex: [a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*)";
const tag = (field: string, value: string, kind: string) =>
  `${field} = '${value}' (Reason: failed to validate Field: ${field} because of Tag: ${kind} )`;

test.each<[Partial<StoredNames>, string]>([
  [{ endpointName: 'node1-cni-FBx-eth0' }, `Metadata.Name = 'node1-cni-FBx-eth0' (${REGEX})`],
  [{ endpointName: 'a'.repeat(260) }, `Metadata.Name = '${'a'.repeat(260)}' (name is too long by 7 bytes)`],
  [{ endpointName: 'a..b' }, `Metadata.Name = 'a..b' (${REGEX})`],
  [{ node: 'Node1' }, tag('Node', 'Node1', 'name')],
  [{ containerID: 'fb.x' }, tag('ContainerID', 'fb.x', 'containerID')],
  [{ containerID: 'fbx-' }, tag('ContainerID', 'fbx-', 'containerID')],
  [{ pod: 'web_0' }, tag('Pod', 'web_0', 'name')],
  [{ endpoint: 'eth_0' }, tag('Endpoint', 'eth_0', 'name')],
  [{ hostVeth: 'cali0123456789ab' }, tag('InterfaceName', 'cali0123456789ab', 'interface')],
  [{ hostVeth: 'cali\n' }, tag('InterfaceName', 'cali\n', 'interface')],
])('%j cannot be stored', (names, why) => {
  expect(() => requireStorable({ ...STORABLE, ...names }, ['net1'])).toThrow(refusal(`error with field ${why}`));
});

test('a network whose name is not a profile name is rejected as the profile', () => {
  expect(() => requireStorable(STORABLE, ['net1', 'Net_1'])).toThrow(
    refusal(`error with field ${tag('Profiles[1]', 'Net_1', 'name')}`),
  );
});

test('several failures are combined in one message, in the order of the endpoint’s fields', () => {
  const names = { ...STORABLE, endpointName: 'x_y', containerID: 'fb.x', endpoint: 'E' };
  const lines = [
    `Metadata.Name = 'x_y' (${REGEX})`,
    tag('ContainerID', 'fb.x', 'containerID'),
    tag('Endpoint', 'E', 'name'),
  ];
  const expected = `error with the following fields:\n${lines.map((line) => `-  ${line}\n`).join('')}`;
  expect(() => requireStorable(names, [])).toThrow(refusal(expected));
});
