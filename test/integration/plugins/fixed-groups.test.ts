import { describe, expect } from 'vitest';
import { type Bed, type CallChanges, type Container, test } from '../../support/bed/bed.ts';
import { addressesOf, failureOf, silentSuccess } from '../../support/calls/call.ts';
import { reaches } from '../../support/network/reach.ts';
import { agedBlocks } from '../../support/stored/aged.ts';
import { conf, DUAL, POOL6, pool } from '../../support/stored/cluster.ts';

const GROUP = ['192.168.7.8', '192.168.9.0-192.168.9.1'];
const args = (ipGroup: readonly string[] = GROUP, more = {}): CallChanges => ({
  conf: conf({ args: { cni: { ipGroup } }, ...more }),
});

/** The address that a new container gets. */
async function added(bed: Bed, changes: CallChanges): Promise<{ container: Container; address: string | undefined }> {
  const container = await bed.container();
  const [address] = addressesOf(await bed.add(container, changes));
  return { container, address };
}

describe('a fixed address group', () => {
  test('gives containers one member each, in order, and each freed one to the next', async ({ bed }) => {
    const first = await added(bed, args());
    const second = await added(bed, args());
    const third = await added(bed, args());
    expect([first, second, third].map(({ address }) => address)).toEqual(['192.168.7.8', '192.168.9.0', '192.168.9.1']);
    expect(await reaches(bed.host, '192.168.9.0')).toBe(true);
    const late = await bed.container();
    const before = await bed.state();
    const { msg, details } = failureOf(await bed.call('ADD', late, args()));
    expect(msg).toBe('no IPv4 address of the fixed address group is free: it has 3, 3 are assigned');
    expect(details).toContain(`192.168.7.8: net1.${first.container.containerID} on node node1; `);
    expect(await bed.state()).toEqual(before);
    await bed.del(second.container, args());
    expect((await added(bed, args())).address).toBe('192.168.9.0');
  });

  test('of the capability beats args.cni, for calico and calico-ipam, with members of both families', async ({
    bed,
  }) => {
    await bed.etcd.put(POOL6);
    const runtimeConfig = { ipGroup: ['fd80:24e2:f998:72d6::70/126', '192.168.5.5'] };
    const changes = args(GROUP, { runtimeConfig, ipam: DUAL });
    for (const plugin of ['calico', 'calico-ipam']) {
      const container = await bed.container();
      const result = await bed.add(container, { ...changes, plugin });
      expect(result.ips?.map(({ address }) => address)).toEqual(['192.168.5.5/32', 'fd80:24e2:f998:72d6::70/128']);
      expect(addressesOf(await bed.add(container, { ...changes, plugin }))).toEqual(addressesOf(result));
      await bed.del(container, { ...changes, plugin });
    }
  });

  test('is checked, and its members are released by DEL and GC', async ({ bed }) => {
    const first = await bed.container();
    const prevResult = await bed.add(first, args());
    silentSuccess(await bed.call('CHECK', first, { conf: conf({ cniVersion: '1.0.0', prevResult }) }));
    const second = await added(bed, args());
    const valid = { 'cni.dev/valid-attachments': [{ containerID: first.containerID, ifname: 'eth0' }] };
    silentSuccess(await bed.call('GC', first, { conf: conf({ cniVersion: '1.1.0', ...valid }) }));
    expect((await added(bed, args())).address).toBe(second.address);
  });

  test.for([
    [['192.168.7.8', '10.1.1.1'], '10.1.1.1 of the fixed address group is not in a configured pool'],
    [['192.168.7.9/29'], 'cannot read the fixed address group: "192.168.7.9/29" has host bits: write 192.168.7.8/29'],
    [['fd00::1'], 'the fixed address group has no IPv4 address'],
  ] as const)('%j is refused, and nothing is left', async ([group, wanted], { bed }) => {
    const container = await bed.container();
    const before = await bed.state();
    expect(failureOf(await bed.call('ADD', container, args(group))).msg).toBe(wanted);
    expect(await bed.state()).toEqual(before);
  });

  test('beside a requested address is refused', async ({ bed }) => {
    const both = failureOf(await bed.call('ADD', await bed.container(), { ...args(), args: 'IP=192.168.7.8' }));
    expect(both.msg).toBe('cannot request both an address and a fixed address group: 192.168.7.8');
  });

  test('that is used up does not make STATUS fail', async ({ bed }) => {
    await bed.etcd.put(pool('one', '10.50.0.0/32', { blockSize: 32, assignmentMode: 'Manual' }));
    const changes = args(['10.50.0.0'], { cniVersion: '1.1.0' });
    const { container } = await added(bed, changes);
    silentSuccess(await bed.call('STATUS', container, changes));
  });
});

/** After a power cut the kernel knows nothing of a container, and nothing has been released. */
async function cutPower(bed: Bed, { containerID }: Container): Promise<void> {
  await bed.host.must('ip', ['link', 'del', `cali${containerID.slice(0, 11)}`]);
  await bed.etcd.put(agedBlocks(await bed.etcd.dump()));
}

describe('an address whose container is gone', () => {
  const fixed: CallChanges = { args: 'IP=192.168.7.8' };
  const one = args(['192.168.7.8']);

  test.for([
    ['a fixed address', fixed],
    ['a member of a group', one],
  ] as const)('since the machine was restarted is taken over: %s', async ([, changes], { bed }) => {
    const old = await bed.container();
    await bed.add(old, changes);
    await cutPower(bed, old);
    const { container, address } = await added(bed, changes);
    expect(address).toBe('192.168.7.8');
    expect(await reaches(bed.host, '192.168.7.8')).toBe(true);
    const stored = Object.keys(await bed.etcd.dump()).filter((key) => key.includes(old.containerID));
    expect(stored).toEqual([]);
    // The late DEL of the old container leaves the new one alone.
    await bed.del(old, changes);
    expect(await reaches(bed.host, '192.168.7.8')).toBe(true);
    await bed.del(container, changes);
  });

  test.for(['its interface exists', 'a route leads to it', 'it was assigned just now', 'another node has it'])(
    'is not taken over as long as %s',
    async (why, { bed }) => {
      const old = await bed.container();
      const elsewhere = why === 'another node has it' ? { conf: conf({ nodename: 'node2' }) } : {};
      await bed.add(old, { ...fixed, ...elsewhere });
      if (why === 'its interface exists') await bed.etcd.put(agedBlocks(await bed.etcd.dump()));
      else if (why !== 'it was assigned just now') await cutPower(bed, old);
      else await bed.host.must('ip', ['link', 'del', `cali${old.containerID.slice(0, 11)}`]);
      if (why === 'a route leads to it') await bed.host.must('ip', ['route', 'add', '192.168.7.8/32', 'dev', 'lo']);
      const container = await bed.container();
      const before = await bed.state();
      for (const changes of [fixed, one]) {
        const { details } = failureOf(await bed.call('ADD', container, changes));
        expect(details).toContain(
          `net1.${old.containerID} on node ${why === 'another node has it' ? 'node2' : 'node1'}`,
        );
      }
      expect(await bed.state()).toEqual(before);
    },
  );
});
