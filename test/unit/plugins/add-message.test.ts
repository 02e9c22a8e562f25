import { expect, test } from 'vitest';
import { workloadEndpoint } from '../../../plugins/decide/endpoint.ts';
import { identify } from '../../../plugins/decide/identity.ts';
import { addMessage } from '../../../plugins/grpc/add-message.ts';
import { readCniArgs } from '../../../shared/cni/args.ts';
import { readNetConf } from '../../../shared/cni/netconf-read.ts';

const identity = identify(
  readNetConf('{"name":"net1"}'),
  { containerID: 'c1', ifName: 'eth0' },
  readCniArgs('K8S_POD_NAMESPACE=prod;K8S_POD_NAME=web-0', { ignoreUnknown: false }),
  'node1',
  'cali123',
);
const content = {
  addresses: ['10.0.0.1'],
  mac: '',
  profiles: [],
  labels: { app: 'web' },
  serviceAccountName: 'websa',
  ports: [{ name: 'dns', protocol: 'UDP', port: 53, hostPort: 5353, hostIP: '127.0.0.1' }],
};
const birth = { uid: 'u', profileUid: 'p', creationTimestamp: '2026-11-21T00:00:00Z' };

test('a dataplane gets the content of a pod’s endpoint, and the pod’s annotations', () => {
  const pair = {
    ...{ hostName: 'cali123', containerName: 'eth0', mac: '', mtu: 0, queues: 1, addresses: [], hostRoutes: true },
    routes: [{ family: 4, dst: '10.96.0.0/12' } as const],
    allowIpForwarding: false,
  };
  const reserved = {
    endpoint: workloadEndpoint(identity, content, birth),
    ...{ ips: [], routes: [], annotations: { 'cni.projectcalico.org/hwAddr': 'x' }, isOld: false },
  };
  expect(addMessage(pair, { netns: '/n', options: {}, reserved })).toEqual({
    interfaceName: 'eth0',
    netns: '/n',
    desiredHostInterfaceName: 'cali123',
    settings: { allowIpForwarding: false, mtu: 0 },
    containerIps: [],
    containerRoutes: ['10.96.0.0/12'],
    workload: {
      name: 'node1-k8s-web--0-eth0',
      namespace: 'prod',
      labels: {
        app: 'web',
        'projectcalico.org/namespace': 'prod',
        'projectcalico.org/orchestrator': 'k8s',
        'projectcalico.org/serviceaccount': 'websa',
      },
      annotations: { 'cni.projectcalico.org/hwAddr': 'x' },
      endpoint: 'eth0',
      node: 'node1',
      orchestrator: 'k8s',
      pod: 'web-0',
      ports: [{ name: 'dns', protocol: 'UDP', port: 53, hostPort: 5353, hostIp: '127.0.0.1' }],
    },
    dataplaneOptions: {},
  });
});
