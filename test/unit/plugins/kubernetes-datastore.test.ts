import { describe, expect, test } from 'vitest';
import { requirePod, requirePodPolicy, requireServable } from '../../../plugins/decide/kubernetes-datastore.ts';
import { isHandleStorable, requireHandleStorable } from '../../../shared/calico/object-name.ts';
import { readNetConf } from '../../../shared/cni/netconf-read.ts';

const confOf = (policy: object) => readNetConf(JSON.stringify({ name: 'n', policy }));
const K8S = confOf({ type: 'k8s' });
const errorOf = (work: () => void): { code?: number; message?: string; details?: string } => {
  try {
    work();
    return {};
  } catch (thrown) {
    return thrown as object;
  }
};

describe('on the Kubernetes datastore', () => {
  test('a container that is no pod is refused by the arguments that would name one', () => {
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

  test('an ADD of a pod with policy k8s can be served, and no other', () => {
    expect(errorOf(() => requireServable({ orchestrator: 'k8s', policy: K8S.policy }))).toEqual({});
    expect(errorOf(() => requireServable({ orchestrator: 'cni', policy: K8S.policy })).code).toBe(4);
    expect(errorOf(() => requireServable({ orchestrator: 'k8s', policy: confOf({}).policy })).code).toBe(999);
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

  test('that cannot be stored is refused by what is wrong: the network’s name, or the container’s id', () => {
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
