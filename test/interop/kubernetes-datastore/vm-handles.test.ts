import { beforeEach, expect, test } from 'vitest';
import type { CallChanges } from '../../support/calls/containers.ts';
import { podArgs } from '../../support/kubernetes/pods.ts';
import { kddConf, NETWORK } from '../../support/kubernetes-datastore/bed.ts';
import { inOneGroup } from '../../support/kubernetes-datastore/cluster-of-tests.ts';
import { heldOn } from '../../support/kubernetes-datastore/held.ts';

const OWN = '192.168.89.128/26';
const FOREIGN = '192.168.90.0/26';
const VM = `${NETWORK}.vmi.prod.vm1`;
const OTHER_VM = `${NETWORK}.vmi.prod.vm-without-handle`;
const POD = { namespace: 'prod', pod: 'virt-launcher-vm1-abcde' };

const attributes = (node: string) => ({
  node,
  timestamp: '2026-11-28 01:21:00.74634149 +0000 UTC',
  ...POD,
  'vmi-name': 'vm1',
  'vmi-uid': 'b3f1',
  'vm-uid': 'c4a2',
});

const NONE_VALID = { cniVersion: '1.1.0', 'cni.dev/valid-attachments': [] };
const GC: CallChanges = { netns: '', args: '', env: { CNI_IFNAME: '' }, conf: kddConf(NONE_VALID) };

inOneGroup('addresses of a virtual machine, which outlive its pods', (bed) => {
  beforeEach(async () => {
    await bed.reset();
    const { apply, objects } = bed;
    const others = [{ handleID: OTHER_VM, attributes: attributes('node1') }];
    for (const [node, cidr, more] of [
      ['node1', OWN, others],
      ['node2', FOREIGN, []],
    ] as const) {
      await apply(objects.affinity(node, cidr));
      const holders = [{ handleID: VM, attributes: attributes('node1') }, ...more];
      await apply(objects.block(cidr, { node, holders }));
    }
    await apply(objects.handle(VM, { [OWN]: 1, [FOREIGN]: 1 }));
    // As between the two writes of an ADD on another node.
    await apply(objects.handle(`${NETWORK}.vmi.prod.starting`, { [OWN]: 1 }));
  });

  const stored = async () => {
    const lists = await Promise.all(['ipamblocks', 'ipamhandles', 'blockaffinities'].map((plural) => bed.list(plural)));
    return lists.flat().map(({ metadata: { name, resourceVersion } }) => `${name} ${resourceVersion}`);
  };

  test.each(['calico', 'calico-ipam'])(
    'are left alone by GC of %s, as is a handle whose address is on its way',
    async (plugin) => {
      const before = await stored();
      expect(await bed.call('GC', { containerID: '', netns: '' }, { ...GC, plugin })).toMatchObject({
        exit: 0,
        stdout: '',
      });
      expect(await stored()).toEqual(before);
    },
  );

  test.each(['calico', 'calico-ipam'])('are left alone by DEL of %s for a pod of the machine', async (plugin) => {
    const before = await stored();
    await bed.del(await bed.container(), { plugin, args: podArgs(POD), conf: kddConf() });
    expect(await stored()).toEqual(before);
  });

  test('are left alone by ADDs and DELs of other containers in the same block', async () => {
    const name = await bed.pod();
    const container = await bed.container();
    const call = { args: podArgs(name), conf: kddConf() };
    await bed.add(container, call);
    expect((await heldOn(bed)).addresses).toHaveLength(4);
    await bed.del(container, call);
    const { addresses, handles } = await heldOn(bed);
    expect(addresses).toHaveLength(3);
    expect(handles).toEqual([`${NETWORK}.vmi.prod.starting`, VM]);
  });
});
