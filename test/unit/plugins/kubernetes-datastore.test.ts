import { describe, expect, test } from 'vitest';
import {
  requireAddable,
  requirePod,
  requirePodPolicy,
  requireServable,
} from '../../../plugins/decide/kubernetes-datastore.ts';
import { isHandleStorable, requireHandleStorable } from '../../../shared/calico/object-name.ts';
import { toCniError } from '../../../shared/cni/cni-error.ts';
import { readNetConf } from '../../../shared/cni/netconf-read.ts';

const confOf = (policy: object) => readNetConf(JSON.stringify({ name: 'n', policy }));
const errorOf = (work: () => void): { code?: number; message?: string; details?: string | undefined } => {
  try {
    work();
    return {};
  } catch (thrown) {
    return toCniError(thrown);
  }
};

describe('on the Kubernetes datastore', () => {
  test('a container that is not a pod is refused, naming the missing arguments', () => {
    const { code, message } = errorOf(() => requirePod({ orchestrator: 'cni' }));
    expect(code).toBe(4);
    expect(message).toContain('K8S_POD_NAMESPACE and K8S_POD_NAME');
    expect(errorOf(() => requirePod({ orchestrator: 'k8s' }))).toEqual({});
  });

  test.each([[{}], [{ type: 'K8S' }], [{ type: 'none' }]])('policy %j is refused', (policy) => {
    const { code, message, details } = errorOf(() => requirePodPolicy(confOf(policy)));
    expect(code).toBe(999);
    expect(message).toMatch(/^policy\.type must be k8s with datastore_type kubernetes, not "/);
    expect(details).toContain('"policy": {"type": "k8s"}');
  });

  const POD = { orchestrator: 'k8s', handleID: 'n.c1' } as const;
  const ipam = (network: string, type = 'calico-ipam') =>
    readNetConf(JSON.stringify({ name: network, policy: { type: 'k8s' }, ipam: { type } }));

  test.each([
    ['ADD', ipam('n'), POD, undefined],
    ['ADD', ipam('n'), { ...POD, orchestrator: 'cni' }, 4],
    ['DEL', ipam('n'), { ...POD, orchestrator: 'cni' }, 4],
    ['CHECK', ipam('n'), { ...POD, orchestrator: 'cni' }, 4],
    ['GC', ipam('n'), { ...POD, orchestrator: 'cni' }, undefined],
    ['ADD', confOf({}), POD, 999],
    ['DEL', confOf({}), POD, undefined],
    ['ADD', ipam('my_net'), { ...POD, handleID: 'my_net.c1' }, 7],
    ['DEL', ipam('my_net'), { ...POD, handleID: 'my_net.c1' }, undefined],
    ['ADD', ipam('my_net', 'host-local'), { ...POD, handleID: 'my_net.c1' }, undefined],
  ] as const)('%s is served, or refused with the code: case %#', (verb, conf, identity, code) => {
    expect(errorOf(() => requireServable({ CNI_COMMAND: verb }, conf, identity)).code).toBe(code);
  });

  test.each([
    [{ USE_POD_CIDR: 'true' }, 'calico-ipam', 4],
    [{ CALICO_USE_POD_CIDR: '1', USE_POD_CIDR: 'false' }, 'calico-ipam', 4],
    [{ CALICO_USE_POD_CIDR: 'false', USE_POD_CIDR: 'true' }, 'calico-ipam', undefined],
    [{ USE_POD_CIDR: 'true' }, 'host-local', undefined],
    [{ USE_POD_CIDR: 'perhaps' }, 'calico-ipam', 999],
  ])('%j turns calico-ipam off: %s, code %s', (env, type, code) => {
    expect(errorOf(() => requireServable({ ...env, CNI_COMMAND: 'ADD' }, ipam('n', type), POD)).code).toBe(code);
    expect(errorOf(() => requireServable({ ...env, CNI_COMMAND: 'DEL' }, ipam('n', type), POD)).code).toBe(undefined);
    expect(errorOf(() => requireAddable(env, ipam('n', type))).code).toBe(code);
  });

  test('a network with which every ADD would fail is refused by its configuration', () => {
    expect(errorOf(() => requireAddable({}, ipam('n')))).toEqual({});
    expect(errorOf(() => requireAddable({}, ipam('my_net'))).code).toBe(7);
    expect(errorOf(() => requireAddable({}, confOf({}))).code).toBe(999);
  });
});

describe('a handle', () => {
  const long = 'a'.repeat(253);

  test.each<[string, boolean]>([
    ['k8s-pod-network.c0ffee0001', true],
    ['K8s-Pod-Network.C0FFEE', true],
    ['net.one.c1', true],
    [long, true],
    [`${long}a`, false],
    ['my_net.c1', false],
    ['net.c_1', false],
    ['-net.c1', false],
    ['net-.c1', false],
    ['net..c1', false],
    ['net.c1-', false],
    ['.c1', false],
    ['', false],
  ])('%s can be stored: %s', (id, expected) => {
    expect(isHandleStorable(id)).toBe(expected);
  });

  test('that cannot be stored is refused, naming the cause: the network’s name or the container ID', () => {
    expect(errorOf(() => requireHandleStorable('my_net.c1', 'my_net'))).toMatchObject({
      code: 7,
      message: 'the network’s name cannot be stored: my_net'.replace('’', "'"),
    });
    expect(errorOf(() => requireHandleStorable('net.c_1', 'net'))).toMatchObject({
      code: 4,
      message: 'CNI_CONTAINERID cannot be stored under this network: net.c_1',
    });
    expect(errorOf(() => requireHandleStorable('net.c1', 'net'))).toEqual({});
  });
});
