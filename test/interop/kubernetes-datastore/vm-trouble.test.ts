import { describe, expect, test } from 'vitest';
import { failureOf } from '../../support/calls/call.ts';
import { hasKubernetes } from '../../support/kubernetes/api-server.ts';
import type { PodName } from '../../support/kubernetes/pods.ts';
import { NETWORK } from '../../support/kubernetes-datastore/bed.ts';
import { HANDLE, machineForTests, NOTHING_HELD } from '../../support/kubernetes-datastore/machine-stage.ts';
import { grantRights, RIGHTS } from '../../support/kubernetes-datastore/plugin-rights.ts';
import { defineKubeVirt, removeKubeVirt } from '../../support/kubernetes-datastore/virtual-machines.ts';

describe.skipIf(!hasKubernetes()).each(['calico', 'calico-ipam'])('a virtual machine, served by %s', (plugin) => {
  const stage = machineForTests(plugin);

  test('is refused in the original’s words: missing, another instance, a target without address, not persistent', async () => {
    const { bed, vm, on, held } = stage;
    const refused = async (name: PodName, nodename?: string) => {
      const ran = await bed.call('ADD', await bed.container(), on(name, nodename));
      return failureOf(ran).msg;
    };
    const machine = await vm.machine('vm1');
    const instance = await vm.instance('vm1', machine);
    const target = await vm.launcher(instance, 'ccccc', 'node2', 'm-1');
    expect(await refused(target, 'node2')).toMatch(`migration target pod but no IP allocated to VM handle ${HANDLE}`);
    const stranger = await vm.launcher({ ...instance, uid: 'c4a2' }, 'ddddd');
    expect(await refused(stranger)).toBe(
      `failed to get VMI info: VMI UID mismatch: pod ownerReference has c4a2 but VMI resource has ${instance.uid}`,
    );
    await vm.remove(instance);
    const orphan = await vm.launcher(instance, 'eeeee');
    expect(await refused(orphan)).toBe(
      'failed to get VMI info: failed to query VMI resource prod/vm1: virtualmachineinstances.kubevirt.io "vm1" not found',
    );
    await bed.apply(bed.objects.config({ kubeVirtVMAddressPersistence: 'Disabled' }));
    const again = await vm.instance('vm1', machine);
    expect(await refused(await vm.launcher(again, 'fffff', 'node2', 'm-2'), 'node2')).toBe(
      'live migration target pod is not allowed when KubeVirtVMAddressPersistence is disabled',
    );
    const ordinary = await vm.launcher(again, 'ggggg');
    const container = await bed.container();
    await bed.add(container, on(ordinary));
    expect((await held()).handles).toEqual([`${NETWORK}.${container.containerID}`]);
    await bed.del(container, on(ordinary));
    expect(await held()).toEqual(NOTHING_HELD);
  });

  test('needs rights of its own, which the error names; other pods do not, nor does the DEL of a pod that is gone', async () => {
    const { bed, vm, on, held } = stage;
    const instance = await vm.instance('vm1', await vm.machine('vm1'));
    const name = await vm.launcher(instance, 'aaaaa');
    const [container, other] = [await bed.container(), await bed.container()];
    try {
      for (const missing of ['virtualmachines', 'virtualmachineinstances']) {
        await grantRights(
          bed.ask,
          RIGHTS.filter(({ resource }) => resource !== missing),
        );
        const { msg, details = '' } = failureOf(await bed.call('ADD', container, on(name)));
        expect(msg).toMatch(`failed to get VMI info: ${missing}.kubevirt.io "vm1" is forbidden`);
        expect(details).toContain(`apiGroups: ["kubevirt.io"]\n  resources: ["${missing}"]`);
        expect(await held()).toEqual(NOTHING_HELD);
      }
      await grantRights(
        bed.ask,
        RIGHTS.filter(({ group }) => group !== 'kubevirt.io'),
      );
      const web = await bed.pod();
      await bed.add(other, on(web));
      await bed.del(other, on(web));
      await bed.del(other, on({ namespace: 'prod', pod: 'virt-launcher-gone-abcde' }));
    } finally {
      await grantRights(bed.ask);
    }
    await bed.add(container, on(name));
    expect((await held()).handles).toEqual([HANDLE]);
  });

  test('needs KubeVirt’s kinds for an ADD only', async () => {
    const { bed, vm, on, held } = stage;
    const [container, other] = [await bed.container(), await bed.container()];
    const machine = await vm.machine('vm1');
    const name = await vm.launcher(await vm.instance('vm1', machine), 'aaaaa');
    await bed.add(container, on(name));
    await vm.removeAll();
    await removeKubeVirt(bed.ask);
    try {
      await bed.del(container, on(name));
      expect((await held()).handles).toEqual([HANDLE]);
      expect(failureOf(await bed.call('ADD', other, on(name))).msg).toMatch(
        'failed to get VMI info: failed to query VMI resource prod/vm1: virtualmachineinstances.kubevirt.io "vm1" not found',
      );
    } finally {
      await defineKubeVirt(bed.ask);
    }
    await bed.del(container, on(name));
    expect(await held()).toEqual(NOTHING_HELD);
  });

  test('gives its address back once the server is there again', async () => {
    const { bed, vm, on, held } = stage;
    const machine = await vm.machine('vm1');
    const name = await vm.launcher(await vm.instance('vm1', machine), 'aaaaa');
    const [container, other] = [await bed.container(), await bed.container()];
    await bed.add(container, on(name));
    await vm.startDeletion(machine);
    await bed.kubernetes.kill();
    try {
      const ran = await bed.call('DEL', container, on(name));
      // Only calico's journal says which pod it was.
      if (plugin === 'calico') expect(ran.exit).toBe(0);
      else expect(failureOf(ran).code).toBe(11);
    } finally {
      await bed.kubernetes.restart();
    }
    if (plugin === 'calico-ipam') await bed.del(container, on(name));
    const web = on(await bed.pod(), 'node1', { name: 'another-network' });
    await bed.add(other, web);
    await bed.del(other, web);
    expect(await held()).toEqual(NOTHING_HELD);
  });
});
