import { expect, test } from 'vitest';
import type { Recorded } from './recorder.ts';
import { readRecording } from './recordings.ts';

/** A step of a recording whose name begins with `step`; `place` counts such steps from 0. */
function stepOf(scenario: string, step: string, place = 0): Recorded {
  const found = readRecording(scenario).filter((recorded) => recorded.step.startsWith(step))[place];
  if (found === undefined) throw new Error(`${scenario} has no step ${step}`);
  return found;
}

const objectsOf = (scenario: string, step: string) =>
  stepOf(scenario, step).objects as Readonly<Record<string, readonly { readonly name: string }[]>>;

function printedBy(scenario: string, step: string): string {
  const all = readRecording(scenario).filter((recorded) => recorded.step.startsWith(step));
  return all.map(({ stdout = '', stderr = '' }) => stdout + stderr).join('');
}

/** What the original prints, word for word. */
test.each<[string, string, string]>([
  ['errors', 'ADD web-99', 'pods \\"web-99\\" not found'],
  ['errors', 'ADD web-1 on node1, container 1', 'Calico is currently not ready to process requests'],
  ['static-ip', 'ADD web-5', 'The provided IP address is not in a configured pool'],
  ['static-ip', 'ADD web-3', 'resource already exists: 192.168.7.9 with error: Address already assigned in block'],
  ['exhaustion', 'ADD web-9', 'No IPs available in pools: [10.70.0.0/30]'],
  [
    'pools-and-nodes',
    'calicoctl create -f - <<< {apiVersion: projectcalico.org/v3, kind: Node',
    'operation Create is not supported on Node(node9)',
  ],
  ['pools-and-nodes', 'calicoctl get nosuch', "resource type 'nosuch' is not supported"],
  [
    'show-and-release',
    'calicoctl get workloadendpoints -A',
    'NAMESPACE   WORKLOAD   NODE    NETWORKS            INTERFACE',
  ],
  ['show-and-release', 'calicoctl ipam release', 'Successfully released IP address 192.168.89.128'],
])('%s: %s prints %s', (scenario, step, text) => {
  expect(printedBy(scenario, step)).toContain(text);
});

/** The names after "with error:" are the API server's words in the original, and those of its etcd client in ours. */
test.each<[string, string, string]>([
  ['errors', 'ADD web-1', 'resource does not exist: Node(node9) with error: '],
  [
    'errors',
    'ADD web-1',
    'error getting ClusterInformation: resource does not exist: ClusterInformation(default) with error: ',
  ],
  ['pools-and-nodes', 'calicoctl create', 'resource already exists: IPPool(more) with error: '],
])('%s: %s prints %s…', (scenario, step, text) => {
  expect(printedBy(scenario, step)).toContain(text);
});

test('the objects after an ADD are those of the original', () => {
  const { ipamblocks, blockaffinities, ipamhandles, pods } = objectsOf('add-del', 'ADD');
  const handle = `k8s-pod-network.${'c0001'.padEnd(32, '0')}`;
  const metadata = { 'projectcalico.org/metadata': '{}' };
  const labels = {
    'projectcalico.org/affinity-type': 'host',
    'projectcalico.org/hostname-hash': '7DS2CCNJGGLTHBDQLLFO6SX24SY2YDDEG3W2VN556FA2W4DLLV5A',
    'projectcalico.org/ip-version': '4',
  };
  expect(ipamblocks).toEqual([
    {
      name: '192-168-89-128-26',
      annotations: metadata,
      spec: {
        cidr: '192.168.89.128/26',
        affinity: 'host:node1',
        affinityClaimTime: 'TIME',
        allocations: '0 null*63',
        unallocated: '1-63',
        attributes: [
          { handle_id: handle, secondary: { namespace: 'prod', node: 'node1', pod: 'web-1', timestamp: 'TIME' } },
        ],
        sequenceNumber: 'N',
        sequenceNumberForAllocation: { '0': 'N' },
        deleted: false,
        strictAffinity: false,
      },
    },
  ]);
  expect(blockaffinities).toEqual([
    {
      name: 'node1-192-168-89-128-26',
      labels,
      annotations: { 'projectcalico.org/metadata': JSON.stringify({ labels }) },
      spec: { state: 'confirmed', node: 'node1', type: 'host', cidr: '192.168.89.128/26', deleted: 'false' },
    },
  ]);
  expect(ipamhandles).toEqual([
    {
      name: handle,
      annotations: metadata,
      spec: { handleID: handle, block: { '192.168.89.128/26': 1 }, deleted: false },
    },
  ]);
  expect(pods).toEqual([
    {
      name: 'web-1',
      annotations: {
        'cni.projectcalico.org/containerID': 'c0001'.padEnd(32, '0'),
        'cni.projectcalico.org/podIP': '192.168.89.128/32',
        'cni.projectcalico.org/podIPs': '192.168.89.128/32',
      },
    },
  ]);
});

/** How many requests the original needs, by its audit log. A node’s first ADD looks at more candidates, but all at once. */
test.each<[string, string, string, number]>([
  ['a warm ADD', 'second-pod', 'ADD web-3', 16],
  ['a DEL', 'add-del', 'DEL', 14],
  ['a borrowing ADD', 'borrow', 'ADD web-2', 21],
])('%s needs no more requests than the original’s', (_, scenario, step, most) => {
  expect(stepOf(scenario, step).requests?.length).toBeLessThanOrEqual(most);
});

test('the pod is released as the original does it: the container stays, the addresses are emptied', () => {
  expect(objectsOf('add-del', 'DEL')['pods']).toEqual([
    {
      name: 'web-1',
      annotations: {
        'cni.projectcalico.org/containerID': 'c0001'.padEnd(32, '0'),
        'cni.projectcalico.org/podIP': '',
        'cni.projectcalico.org/podIPs': '',
      },
    },
  ]);
});
