import { describe, expect } from 'vitest';
import { type Bed, type CallChanges, type Container, test } from '../../support/bed/bed.ts';
import { addressesOf, failureOf, silentSuccess } from '../../support/calls/call.ts';
import { witness, witnessed } from '../../support/calls/witness.ts';
import { caliLinks } from '../../support/network/netns.ts';
import { reaches } from '../../support/network/reach.ts';
import { type Conf, conf } from '../../support/stored/cluster.ts';
import { block } from '../../support/stored/ipam-world.ts';
import { endpoint, type Holder, seeded } from '../../support/stored/seeded.ts';

const V11 = { cniVersion: '1.1.0' };
const holder = (handleID: string, node = 'node1'): Holder => ({ handleID, attributes: { node, handle: handleID } });
const numbered = (word: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${word}${String(index).padStart(2, '0')}`);

const LIVING = numbered('living', 58);
const STALE = numbered('stale', 37);
/** Also stale, with an address from another node's block. */
const BORROWER = 'borrower';

/** What has addresses besides net1's containers on node1, and must keep them. */
const OTHERS: readonly Holder[] = [
  holder('net2.stale00'),
  holder('net1.b.stale00'),
  holder('net1.vmi.prod.vm1'),
  holder('ipip-tunnel-addr-node1'),
  holder('net1.elsewhere', 'node2'),
  { handleID: 'net1.nobody', attributes: {} },
];

/** 100 attachments of net1, including the four that a test adds. Two of these and all STALE are to be removed. */
const CROWD = {
  ...seeded([
    { node: 'node1', cidr: '192.168.0.0/26', holders: [...LIVING.map((id) => holder(`net1.${id}`))] },
    { node: 'node1', cidr: '192.168.0.64/26', holders: [...STALE.map((id) => holder(`net1.${id}`)), ...OTHERS] },
    {
      node: 'node2',
      cidr: '192.168.0.128/26',
      holders: [holder(`net1.${BORROWER}`), holder('net1.remote', 'node2')],
    },
  ]),
  ...Object.assign({}, ...LIVING.slice(0, 10).map((id, at) => endpoint('node1', id, 'net1', `192.168.0.${at}`))),
  ...Object.assign({}, ...STALE.slice(0, 10).map((id, at) => endpoint('node1', id, 'net1', `192.168.0.${64 + at}`))),
  ...endpoint('node1', BORROWER, 'net1', '192.168.0.128'),
  ...endpoint('node1', 'onlynet2', 'net2', '192.168.9.9'),
  ...endpoint('node2', 'stale00', 'net1', '192.168.9.10'),
};
const OTHER_HANDLES = [...OTHERS.map(({ handleID }) => handleID), 'net1.remote'];

describe('GC (spec §2 GC)', () => {
  test('of 100 attachments releases the 40 stale ones and touches nothing else', async ({ bed }) => {
    await bed.etcd.put(CROWD);
    const [one, two, gone, lost] = await fourUp(bed);
    const address = addressesOf(await bed.add(one, { conf: conf(V11) }))[0] ?? '';
    await bed.host.must('ip', ['netns', 'del', lost.netns]);
    const valid = [...LIVING, one.containerID, two.containerID];
    silentSuccess(await collect(bed, valid));
    expect(await handles(bed)).toEqual([...valid.map((id) => `net1.${id}`), ...OTHER_HANDLES].sort());
    expect(await endpoints(bed)).toEqual(
      [...LIVING.slice(0, 10), one.containerID, two.containerID]
        .map((id) => `node1-cni-${id}-eth0`)
        .concat(['node1-cni-onlynet2-eth0', 'node2-cni-stale00-eth0'])
        .sort(),
    );
    expect(sorted(await caliLinks(bed.host))).toEqual(sorted([one, two].map(hostEnd)));
    expect(await caliLinks(bed.host)).not.toContain(hostEnd(gone));
    expect(await reaches(bed.host, address)).toBe(true);
    const revision = await bed.etcd.revision();
    silentSuccess(await collect(bed, valid));
    expect(await bed.etcd.revision()).toBe(revision);
  });

  test('by calico-ipam releases addresses and leaves endpoints to their owner', async ({ bed }) => {
    await bed.etcd.put(CROWD);
    const before = await endpoints(bed);
    silentSuccess(await collect(bed, LIVING, { plugin: 'calico-ipam' }));
    expect(await handles(bed)).toEqual([...LIVING.map((id) => `net1.${id}`), ...OTHER_HANDLES].sort());
    expect(await endpoints(bed)).toEqual(before);
  });

  test.for(['calico', 'calico-ipam'])(
    'by %s with an empty list releases everything of the network on this node',
    async (plugin, { bed }) => {
      await bed.etcd.put(CROWD);
      silentSuccess(await collect(bed, [], { plugin }));
      expect(await handles(bed)).toEqual(sorted(OTHER_HANDLES));
    },
  );

  test("of a network whose name is a prefix of another's releases only its own", async ({ bed }) => {
    await bed.etcd.put(CROWD);
    silentSuccess(await collect(bed, [], { conf: gcConf([], { name: 'net1.b' }) }));
    const left = (await handles(bed)).filter((id) => id.includes('stale00'));
    expect(left).toEqual(['net1.stale00', 'net2.stale00']);
  });

  test('removes a shaping device with its pod', async ({ bed }) => {
    const limits = { egressRate: 10_000_000, egressBurst: 80_000 };
    await bed.add(await bed.container(), {
      conf: conf({ ...V11, bandwidth_by: 'plugin', runtimeConfig: { bandwidth: limits } }),
    });
    const devices = async () => (await bed.host.must('ip', ['-br', 'link'])).match(/^bwcali\S+/gm);
    expect(await devices()).toHaveLength(1);
    silentSuccess(await collect(bed, []));
    expect(await devices()).toBeNull();
  });
});

describe('GC that finds something it cannot parse (spec §2 GC: go on, report)', () => {
  test.for(['calico', 'calico-ipam'])('by %s releases the rest and reports a block', async (plugin, { bed }) => {
    const bad = '192.168.0.192/26';
    await bed.etcd.put({ ...CROWD, ...seeded([{ node: 'node1', cidr: bad, holders: [] }]), [block(bad)]: '{"cidr":' });
    const failure = failureOf(await collect(bed, LIVING, { plugin }));
    expect(failure).toMatchObject({ code: 999, msg: expect.stringContaining(`key=${block(bad)}`) });
    expect((await handles(bed)).filter((id) => id.startsWith('net1.stale'))).toEqual([]);
    expect((await handles(bed)).filter((id) => id.startsWith('net1.living'))).toHaveLength(LIVING.length);
    await bed.etcd.put(seeded([{ node: 'node1', cidr: bad, holders: [] }]));
  });

  test('releases the rest and reports an endpoint and a handle', async ({ bed }) => {
    const [key = ''] = Object.keys(endpoint('node1', 'unread', 'net1', ''));
    const handleKey = '/calico/ipam/v2/handle/net1.stale36';
    const podKey = key.replace('default/node1-cni-unread', 'prod/node1-k8s-unread');
    await bed.etcd.put({ ...CROWD, [key]: 'not json', [podKey]: '{', [handleKey]: '[' });
    const { msg, details } = failureOf(await collect(bed, LIVING));
    for (const unread of [key, podKey]) expect(`${msg} ${details}`).toContain(`key=${unread}`);
    expect(`${msg} ${details}`).toContain('stale36');
    await bed.etcd.put({ [handleKey]: JSON.stringify({ block: { '192.168.0.64/26': 1 }, deleted: false }) });
    expect((await handles(bed)).filter((id) => id.startsWith('net1.stale'))).toEqual(['net1.stale36']);
  });
});

describe('the list of attachments (spec §2 GC: cni.dev/valid-attachments)', () => {
  test.for(['calico', 'calico-ipam'])(
    'is required by %s, as a missing list would select everything',
    async (plugin, { bed }) => {
      await bed.etcd.put(CROWD);
      const revision = await bed.etcd.revision();
      const failure = failureOf(await bed.call('GC', NOBODY, { ...bare(), plugin, conf: conf(V11) }));
      expect(failure).toMatchObject({ code: 7, msg: expect.stringContaining('cni.dev/valid-attachments') });
      expect(await bed.etcd.revision()).toBe(revision);
    },
  );

  test('may have either of its names', async ({ bed }) => {
    await bed.etcd.put(CROWD);
    const attachments = LIVING.map((containerID) => ({ containerID, ifname: 'eth0' }));
    silentSuccess(await collect(bed, [], { conf: conf({ ...V11, 'cni.dev/attachments': attachments }) }));
    expect((await handles(bed)).filter((id) => id.startsWith('net1.living'))).toHaveLength(LIVING.length);
  });

  test('that is null is the empty list of a runtime written in Go', async ({ bed }) => {
    await bed.etcd.put(CROWD);
    silentSuccess(await collect(bed, [], { conf: conf({ ...V11, 'cni.dev/valid-attachments': null }) }));
    expect((await handles(bed)).filter((id) => /^net1\.(living|stale)/.test(id))).toEqual([]);
  });

  test('with an entry without a container is rejected before anything is released', async ({ bed }) => {
    await bed.etcd.put(CROWD);
    const revision = await bed.etcd.revision();
    failureOf(await collect(bed, [], { conf: conf({ ...V11, 'cni.dev/valid-attachments': [{ ifname: 'eth0' }] }) }));
    expect(await bed.etcd.revision()).toBe(revision);
  });
});

describe("another IPAM plugin's addresses (spec §2 GC: it is asked too)", () => {
  test('are collected by its own GC with the same list, after the endpoints and even after an error', async ({
    bed,
  }) => {
    const [key = ''] = Object.keys(endpoint('node1', 'unread', 'net1', ''));
    await bed.etcd.put({ ...endpoint('node1', 'stale', 'net1', '10.80.0.2'), [key]: 'not json' });
    const configuration = gcConf(['living'], { ipam: { type: 'witness' } });
    const failure = failureOf(await collect(bed, [], { conf: configuration, path: witness(bed.host, 'exit 0') }));
    expect(failure.msg).toContain(key);
    expect(await endpoints(bed)).toEqual(['node1-cni-unread-eth0']);
    expect(witnessed(bed.host, 'GC')).toEqual(configuration);
    await bed.etcd.del(key);
  });

  test("that cannot be collected are reported with the plugin's own error", async ({ bed }) => {
    const path = witness(bed.host, `echo '{"code":7,"msg":"no such pool"}'; exit 1`);
    const failure = failureOf(await collect(bed, [], { conf: gcConf([], { ipam: { type: 'witness' } }), path }));
    expect(failure.msg).toContain('IPAM plugin witness: no such pool');
  });
});

const NOBODY: Container = { containerID: '', netns: '' };
/** GC has no container. */
const bare = (): CallChanges => ({ netns: '', env: { CNI_IFNAME: '' } });

function gcConf(valid: readonly string[], changes: Conf = {}): Conf {
  const attachments = valid.map((containerID) => ({ containerID, ifname: 'eth0' }));
  return conf({ ...V11, ...changes, 'cni.dev/valid-attachments': attachments });
}

const collect = (bed: Bed, valid: readonly string[], changes: CallChanges = {}) =>
  bed.call('GC', NOBODY, { ...bare(), conf: gcConf(valid), ...changes });

const hostEnd = ({ containerID }: Container) => `cali${containerID.slice(0, 11)}`;

/** Four running pods of net1. The last two become stale. */
async function fourUp(bed: Bed): Promise<readonly [Container, Container, Container, Container]> {
  const four = [await bed.container(), await bed.container(), await bed.container(), await bed.container()] as const;
  for (const container of four) await bed.add(container, { conf: conf(V11) });
  return four;
}

const sorted = (texts: readonly string[]) => [...texts].sort();
const lastParts = (keys: readonly string[]) => keys.map((key) => key.slice(key.lastIndexOf('/') + 1)).sort();
const handles = async (bed: Bed) => lastParts(Object.keys(await bed.etcd.dump('/calico/ipam/v2/handle/')));
const endpoints = async (bed: Bed) =>
  lastParts(Object.keys(await bed.etcd.dump('/calico/resources/v3/projectcalico.org/workloadendpoints/')));
