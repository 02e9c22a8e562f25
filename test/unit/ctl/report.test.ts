import { expect, test } from 'vitest';
import { refOfText, refText } from '../../../ctl/check/ref-text.ts';
import { parseReport, reportText } from '../../../ctl/check/report.ts';
import {
  blockRef,
  endpointRef,
  handleRef,
  IPAM_CONFIG,
  nodeRef,
  poolRef,
  type Ref,
} from '../../../shared/datastore/ref.ts';
import { network } from '../../../shared/net/cidr.ts';
import { inspectModel } from '../../support/calicoctl/check-model.ts';
import { fakeStore } from '../../support/fake-datastore/fake-store.ts';
import { B, blockOf, claim, container, counts, damaged } from '../../support/stored/ipam-healthy.ts';
import { at } from '../../support/stored/ipam-world.ts';
import { endpoint } from '../../support/stored/seeded.ts';

const NOW = at(3600);
const CIDR = network(4, 0x0a0a0000n, 30);

test.each<Ref>([
  blockRef(CIDR),
  blockRef(network(6, 0xfd00_0000_0000_0000_0000_0000_0000_0040n, 122)),
  { kind: 'affinity', type: 'host', node: 'node1', cidr: CIDR },
  { kind: 'affinity', type: 'virtual', node: 'load-balancer', cidr: CIDR },
  { kind: 'affinity', type: 'host', node: 'a, b:c', cidr: CIDR },
  handleRef('net1.c1'),
  handleRef('with ) and (\n'),
  handleRef(''),
  IPAM_CONFIG,
  nodeRef('node1'),
  poolRef('pool'),
  endpointRef('default', 'node1-cni-c1-eth0'),
  { kind: 'unknown', at: 'somewhere/Node(x)' },
])('an object is recognised by its name in a report: %o', (ref) => {
  expect(refOfText(refText(ref))).toEqual(ref);
});

test.each(['', 'Block(10.10.0.0)', 'BlockAffinity(node1, 10.0.0.0/26)', 'Pod(a)', '/calico/ipam/v2/handle/c1', 'Node'])(
  'no object has this name: %s',
  (text) => expect(refOfText(text)).toBeUndefined(),
);

test('findings are read back from a report unchanged', async () => {
  const put = {
    ...blockOf(B, 'host:node1', { 1: container('c3') }),
    ...claim('node2', B),
    ...counts('net1.c2', { [B]: 1 }),
    ...endpoint('node1', 'c2', 'net1', '10.10.0.8'),
  };
  const inspection = await inspectModel(fakeStore(damaged({ put })), NOW);
  expect(inspection.findings.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(['stale-claim', 'handle-stranded', 'handle-missing', 'unclaimed', 'leaked']),
  );
  expect(parseReport('r', reportText(inspection)).findings).toEqual(inspection.findings);
});

test('a finding of something that is not an object is refused', () => {
  const finding = { kind: 'pending', text: 'x', seen: { '/calico/ipam/v2/handle/c1': 12 } };
  expect(() => parseReport('r', JSON.stringify({ clusterGUID: '', findings: [finding] }))).toThrow(
    'r: a finding names /calico/ipam/v2/handle/c1, which is not an object',
  );
});

test.each(['', '{"clusterGUID": "a", "findings": [', '[]', 'null', '{}', '{"clusterGUID": 7}'])(
  'a file that is not a report is called that, and not a stored value: %s',
  (text) => {
    const read = () => parseReport('r.json', text);
    expect(read).toThrow(/^r\.json is not an ipam check report$/);
    expect(read).toThrow(expect.objectContaining({ details: 'create one with: calicoctl ipam check -o FILE' }));
  },
);
