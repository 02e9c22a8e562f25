import { describe, expect, test } from 'vitest';
import { identify, requireNames } from '../../../plugins/decide/identity.ts';
import { readCniArgs } from '../../../shared/cni/args.ts';
import { readNetConf } from '../../../shared/cni/netconf-read.ts';

const CONF = readNetConf('{"name":"net1"}');
const CMD = { containerID: 'c1', ifName: 'eth0' };
const identity = (args: string, node = 'node-1', podVeth = 'caliaa960f0d82e') =>
  identify(CONF, CMD, readCniArgs(args, { ignoreUnknown: true }), node, podVeth);

describe('a pod', () => {
  test('has its names in its endpoint’s name', () => {
    expect(identity('K8S_POD_NAMESPACE=prod;K8S_POD_NAME=web-0')).toEqual({
      orchestrator: 'k8s',
      node: 'node-1',
      namespace: 'prod',
      containerID: 'c1',
      pod: 'web-0',
      workload: 'web-0',
      endpoint: 'eth0',
      endpointName: 'node--1-k8s-web--0-eth0',
      endpointPrefix: 'node--1-k8s-web--0-',
      hostVeth: 'caliaa960f0d82e',
      handleID: 'net1.c1',
      legacyHandleID: 'prod.web-0',
    });
  });

  test('needs both names', () => {
    for (const args of ['K8S_POD_NAMESPACE=prod', 'K8S_POD_NAME=web-0', 'K8S_POD_NAMESPACE=;K8S_POD_NAME=web-0']) {
      expect(identity(args)).toMatchObject({
        orchestrator: 'cni',
        namespace: 'default',
        workload: 'c1',
        hostVeth: 'calic1',
      });
    }
  });

  test('whose endpoint cannot be stored is refused with all faults', () => {
    const named = identity('K8S_POD_NAMESPACE=prod;K8S_POD_NAME=Web_0');
    expect(() => requireNames(named, ['kns.prod'])).toThrow(
      /Metadata\.Name = 'node--1-k8s-Web_0-eth0'.*\n.*Pod = 'Web_0'/s,
    );
  });
});
