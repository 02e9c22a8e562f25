import { describe, expect, test } from 'vitest';
import { tools } from '../../../build/tools.ts';
import { openForTests } from '../../support/bed/for-tests.ts';
import { addressesOf, resultOf } from '../../support/calls/call.ts';
import { type Container, containersOn } from '../../support/calls/containers.ts';
import { original, originalSaid } from '../../support/machines/calico-node.ts';
import { openMachines } from '../../support/machines/machines.ts';
import { stores } from '../../support/machines/matrix.ts';
import type { StoreName } from '../../support/machines/store.ts';
import { caliLinks } from '../../support/network/netns.ts';
import { reaches } from '../../support/network/reach.ts';
import type { Conf } from '../../support/stored/cluster.ts';

const isAvailable = () => tools().original !== undefined;
const BOTH_FAMILIES = { ipam: { type: 'calico-ipam', assign_ipv4: 'true', assign_ipv6: 'true' } };
const INIT = '--cidr=192.168.0.0/16 --block-size=28 --ipv6-cidr=fd80:24e2:f998:72d6::/64';

type Whose = 'ours' | 'the original';

async function open(store: StoreName) {
  const machines = await openMachines({ store, in: { node1: 1 }, init: INIT });
  const node1 = machines.machine('node1');
  // Without a process that forwards.
  await node1.host.must('sh', [
    '-c',
    'echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding',
  ]);
  const conf = { ...machines.store.conf('node1'), ...BOTH_FAMILIES };
  const containers = containersOn(node1.host, () => conf, 'e0');
  const pods = new Map<Container, object>();
  const call = (whose: Whose, command: string, container: Container, changes: Conf = {}) => {
    const where = whose === 'ours' ? {} : { plugin: `${original().bin}/calico`, path: original().bin };
    return containers.call(command, container, { ...pods.get(container), ...where, conf: { ...conf, ...changes } });
  };
  return {
    node1,
    call,
    container: async () => {
      const made = await containers.container();
      pods.set(made, await machines.store.forPod('node1'));
      return made;
    },
    close: machines.close,
  };
}

describe.skipIf(!isAvailable()).each(stores())('our plugins beside the original’s, with %s', (store) => {
  const bed = openForTests(() => open(store), 180_000);
  const add = async (whose: Whose, container: Container) => resultOf(await bed.call(whose, 'ADD', container));
  const succeed = async (whose: Whose, command: string, container: Container, changes: Conf = {}) => {
    const ran = await bed.call(whose, command, container, changes);
    if (ran.exit !== 0) throw new Error(`${command} by ${whose}: ${ran.stdout}${ran.stderr}`);
  };
  const theirs = (line: string) => originalSaid(bed.node1, 'calicoctl', `${line} --allow-version-mismatch`);

  /** Neither calicoctl finds anything wrong, except that Calico 3.28 does not label affinities on Kubernetes. */
  async function expectInOrder() {
    const { stdout } = await bed.node1.calicoctl('ipam check');
    const unlabelled = stdout.match(/lacks the labels/g)?.length ?? 0;
    expect(stdout).toMatch(new RegExp(`Check complete; found ${unlabelled} problem`));
    if (store === 'etcd') expect(unlabelled).toBe(0);
    expect(await theirs('ipam check')).toContain('found 0 problems');
  }

  test.each([
    ['ours', 'the original'],
    ['the original', 'ours'],
  ] as const)('what %s adds, %s deletes', async (adder, deleter) => {
    const container = await bed.container();
    const prevResult = await add(adder, container);
    const addresses = addressesOf(prevResult);
    expect(addresses).toHaveLength(2);
    for (const address of addresses) expect(await reaches(bed.node1.host, address)).toBe(true);
    await expectInOrder();
    for (const whose of ['ours', 'the original'] as const) await succeed(whose, 'CHECK', container, { prevResult });
    await succeed(deleter, 'DEL', container);
    await succeed(adder, 'DEL', container);
    expect(await caliLinks(bed.node1.host)).toEqual([]);
    await expectInOrder();
  });

  test('both fill blocks at the same time, and no address is given twice', async () => {
    const containers = await Promise.all(Array.from({ length: 24 }, () => bed.container()));
    const whose = (at: number): Whose => (at % 2 === 0 ? 'ours' : 'the original');
    const results = await Promise.all(containers.map((container, at) => add(whose(at), container)));
    expect(new Set(results.flatMap(addressesOf)).size).toBe(48);
    await expectInOrder();
    await Promise.all(containers.map((container, at) => succeed(whose(at + 1), 'DEL', container)));
    expect(await caliLinks(bed.node1.host)).toEqual([]);
    await expectInOrder();
  });

  test('both calicoctls print the same endpoints, whoever made them, and the same nodes and settings', async () => {
    const containers = [await bed.container(), await bed.container()] as const;
    await add('ours', containers[0]);
    await add('the original', containers[1]);
    // Of Kubernetes’ nodes without labels one calicoctl says {}, the other null.
    const nodes = store === 'etcd' ? ['nodes'] : [];
    for (const what of ['workloadendpoints -A', 'clusterinformation', 'felixconfigurations', ...nodes]) {
      const [ours, its] = [await bed.node1.said(`get ${what} -o json`), await theirs(`get ${what} -o json`)];
      expect(JSON.parse(ours)).toEqual(JSON.parse(its));
    }
    for (const container of containers) await succeed('ours', 'DEL', container);
  });
});
