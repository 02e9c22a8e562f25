import { expect, test } from 'vitest';
import { podContent } from '../../../plugins/kubernetes/pod-content.ts';
import { readNetConf } from '../../../shared/cni/netconf-read.ts';
import { readNamespace, readNode, readPod } from '../../../shared/kubernetes/objects.ts';

const POD = {
  kind: 'Pod',
  metadata: {
    name: 'web-0',
    generateName: 'web-',
    labels: { app: 'web' },
    annotations: { 'qos.projectcalico.org/ingressBandwidth': '1M' },
  },
  spec: {
    serviceAccountName: 'websa',
    containers: [
      {
        name: 'a',
        ports: [
          { name: 'http', containerPort: 80, protocol: 'TCP' },
          { containerPort: 8080, protocol: 'TCP' },
        ],
      },
      {
        name: 'b',
        ports: [
          { containerPort: 53, hostPort: 5353, hostIP: '127.0.0.1', protocol: 'UDP' },
          { name: 'x', containerPort: 1, protocol: 'ICMP' },
        ],
      },
      { name: 'c' },
    ],
    initContainers: [{ name: 'i', ports: [{ name: 'init', containerPort: 9, protocol: '' }] }],
  },
};

const content = (pod: object) =>
  podContent(
    readNetConf('{"name":"n","ipam":{"type":"calico-ipam"}}'),
    { namespace: 'prod', pod: 'web-0' },
    readPod(pod),
    readNamespace({ metadata: { labels: { team: 'a' } } }),
  );

test('a pod’s endpoint has its labels, service account, profiles and reachable ports', () => {
  expect(content(POD)).toMatchObject({
    labels: { app: 'web' },
    generateName: 'web-',
    serviceAccountName: 'websa',
    profiles: ['kns.prod', 'ksa.prod.websa'],
    namespaceLabels: { team: 'a' },
    qosControls: { ingressBandwidth: 1_000_000 },
    ports: [
      { name: 'http', protocol: 'TCP', port: 80, hostPort: 0, hostIP: '' },
      { name: '', protocol: 'UDP', port: 53, hostPort: 5353, hostIP: '127.0.0.1' },
      { name: 'init', protocol: 'TCP', port: 9, hostPort: 0, hostIP: '' },
    ],
  });
});

test('a pod without details has only the profile of its namespace', () => {
  expect(content({})).toMatchObject({
    labels: {},
    generateName: '',
    profiles: ['kns.prod'],
    ports: [],
    mac: undefined,
  });
});

test('the API’s answers must have the documented types', () => {
  expect(() => readPod({ spec: { containers: 'x' } })).toThrow(
    'cannot read what the Kubernetes API answered: json: cannot unmarshal string into Go struct field Pod.spec.containers of type []object',
  );
});

test('a node has a list of pod networks, or a single one', () => {
  expect(readNode({ spec: { podCIDR: '10.0.0.0/24', podCIDRs: ['10.0.0.0/24', 'fd00::/64'] } }).podCIDRs).toHaveLength(
    2,
  );
  expect(readNode({ spec: { podCIDR: '10.0.0.0/24' } }).podCIDRs).toEqual(['10.0.0.0/24']);
  expect(readNode({}).podCIDRs).toEqual([]);
});
