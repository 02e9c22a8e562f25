import { describe, expect, test } from 'vitest';
import { addressesOf } from '../../support/calls/call.ts';
import { hasKubernetes } from '../../support/kubernetes/api-server.ts';
import { namesOf, roundsOf } from '../../support/kubernetes/audit.ts';
import { distant, GAP, kddConf, NETWORK } from '../../support/kubernetes-datastore/bed.ts';
import { HANDLE, machineForTests, NOTHING_HELD } from '../../support/kubernetes-datastore/machine-stage.ts';

const V6_POOL = 'fd80:24e2:f998:72d6::/64';
/** As with invariants for containers, but other nodes look for a machine's addresses too: no block is its own. */
const nodeOf = (handleID: string) => (handleID.includes('.vmi.') ? 'any' : 'node1');

describe.skipIf(!hasKubernetes()).each(['calico', 'calico-ipam'])('a virtual machine, served by %s', (plugin) => {
  const stage = machineForTests(plugin);

  test('keeps its address when its pod is created again, and gives it back once it is deleted and its pod is gone', async () => {
    const { bed, vm, on, owners, held } = stage;
    const machine = await vm.machine('vm1');
    const instance = await vm.instance('vm1', machine);
    const first = await vm.launcher(instance, 'aaaaa');
    const one = await bed.container();
    const broken = await bed.faultsDuring(async () => {
      const [address] = addressesOf(await bed.add(one, on(first)));
      expect(await held()).toEqual({ addresses: [address], handles: [HANDLE] });
      await bed.del(one, on(first));
      expect(await held()).toEqual({ addresses: [address], handles: [HANDLE] });
      expect(await owners()).toEqual([[undefined, undefined]]);
      await vm.remove(instance);
      const restarted = await vm.instance('vm1', machine);
      const second = await vm.launcher(restarted, 'bbbbb');
      const two = await bed.container();
      const result = await bed.add(two, on(second));
      expect(addressesOf(result)).toEqual([address]);
      expect(result.routes).toEqual([{ dst: `${address}/32` }]);
      expect(await owners()).toEqual([[second.pod, undefined]]);
      await vm.startDeletion(machine);
      await bed.del(two, on(second));
      expect(await held()).toEqual(NOTHING_HELD);
      await bed.del(two, on(second));
      await bed.del(one, on(first));
    }, nodeOf);
    expect(broken).toEqual([]);
    expect(await bed.faults()).toEqual([]);
  });

  test('keeps its addresses of both families during a live migration, from either pod’s view', async () => {
    const { bed, vm, on, owners, held } = stage;
    await bed.apply(bed.objects.pool('default-ipv6-ippool', V6_POOL));
    const dual = { ipam: { type: 'calico-ipam', assign_ipv4: 'true', assign_ipv6: 'true' } };
    const machine = await vm.machine('vm1');
    const instance = await vm.instance('vm1', machine);
    const source = await vm.launcher(instance, 'aaaaa');
    const target = await vm.launcher(instance, 'bbbbb', 'node2', 'm-1');
    const [here, there] = [await bed.container(), await bed.container()];
    const addresses = addressesOf(await bed.add(here, on(source, 'node1', dual)));
    const moved = await bed.add(there, on(target, 'node2', dual));
    expect(addressesOf(moved)).toEqual(addresses);
    expect(moved.routes ?? []).toEqual([]);
    expect(await owners()).toEqual([
      [source.pod, target.pod],
      [source.pod, target.pod],
    ]);
    const checked = await bed.call('CHECK', there, on(target, 'node2', { ...dual, prevResult: moved }));
    expect(checked).toMatchObject({ exit: 0, stdout: '' });
    if (plugin === 'calico') {
      // The first address is routed to the source's link only.
      const routes = await bed.host.must('ip', ['route', 'show', `${addresses[0]}`]);
      expect(routes.trim().split('\n')).toHaveLength(1);
    }
    await bed.del(here, on(source, 'node1', dual));
    expect(await owners()).toEqual([
      [undefined, target.pod],
      [undefined, target.pod],
    ]);
    await vm.startDeletion(machine);
    expect((await held()).addresses).toHaveLength(2);
    await bed.del(there, on(target, 'node2', dual));
    expect(await held()).toEqual(NOTHING_HELD);
    expect(await bed.faults()).toEqual([]);
  });

  test('a failed migration leaves the address to the source, and the instance’s deletion to the machine', async () => {
    const { bed, vm, on, owners, held } = stage;
    const machine = await vm.machine('vm1');
    const instance = await vm.instance('vm1', machine);
    const [source, target] = [await vm.launcher(instance, 'aaaaa'), await vm.launcher(instance, 'bbbbb', 'node2', 'm')];
    const [here, there] = [await bed.container(), await bed.container()];
    const [address] = addressesOf(await bed.add(here, on(source)));
    await bed.add(there, on(target, 'node2'));
    await bed.del(there, on(target, 'node2'));
    expect(await owners()).toEqual([[source.pod, undefined]]);
    await vm.startDeletion(instance);
    await bed.del(here, on(source));
    expect((await held()).addresses).toEqual([address]);
    await vm.startDeletion(machine);
    await bed.del(here, on(source));
    expect(await held()).toEqual(NOTHING_HELD);
  });

  test('that is gone before its instance, or together with it, blocks neither ADD nor DEL', async () => {
    const { bed, vm, on, held } = stage;
    const machine = await vm.machine('vm1');
    const instance = await vm.instance('vm1', machine);
    await vm.remove(machine);
    const name = await vm.launcher(instance, 'aaaaa');
    const container = await bed.container();
    await bed.add(container, on(name));
    expect((await held()).handles).toEqual([HANDLE]);
    await vm.remove(instance);
    await bed.del(container, on(name));
    expect(await held()).toEqual(NOTHING_HELD);
  });

  test('gives its address back although its pod is gone before the DEL', async () => {
    const { bed, vm, on, owners, held } = stage;
    const machine = await vm.machine('vm1');
    const instance = await vm.instance('vm1', machine);
    const name = await vm.launcher(instance, 'aaaaa');
    const container = await bed.container();
    await bed.add(container, on(name));
    await vm.removePod(name);
    await bed.del(container, on(name));
    expect((await held()).handles).toEqual([HANDLE]);
    expect(await owners()).toEqual([[undefined, undefined]]);
    await vm.remove(instance);
    await vm.remove(machine);
    await bed.del(container, on(name));
    expect(await held()).toEqual(NOTHING_HELD);
  });

  test('an instance without a machine keeps its address until it is deleted itself', async () => {
    const { bed, vm, on, held } = stage;
    const instance = await vm.instance('vm1');
    const [first, second] = [await vm.launcher(instance, 'aaaaa'), await vm.launcher(instance, 'bbbbb')];
    const [one, two] = [await bed.container(), await bed.container()];
    const addresses = addressesOf(await bed.add(one, on(first)));
    await bed.del(one, on(first));
    expect(addressesOf(await bed.add(two, on(second)))).toEqual(addresses);
    await vm.startDeletion(instance);
    await bed.del(two, on(second));
    expect(await held()).toEqual(NOTHING_HELD);
  });

  test('keeps no address any more once that is switched off: its pod’s DEL releases it', async () => {
    const { bed, vm, on, held } = stage;
    const instance = await vm.instance('vm1', await vm.machine('vm1'));
    const name = await vm.launcher(instance, 'aaaaa');
    const container = await bed.container();
    const prevResult = await bed.add(container, on(name));
    await bed.apply(bed.objects.config({ kubeVirtVMAddressPersistence: 'Disabled' }));
    expect(await bed.call('CHECK', container, on(name, 'node1', { prevResult }))).toMatchObject({ exit: 0 });
    await bed.del(container, on(name));
    expect(await held()).toEqual(NOTHING_HELD);
  });

  test('CHECK finds its addresses, and GC leaves them alone', async () => {
    const { bed, vm, on, owners, held } = stage;
    const instance = await vm.instance('vm1', await vm.machine('vm1'));
    const name = await vm.launcher(instance, 'aaaaa');
    const container = await bed.container();
    const prevResult = await bed.add(container, on(name));
    expect(await bed.call('CHECK', container, on(name, 'node1', { prevResult }))).toMatchObject({
      exit: 0,
      stdout: '',
    });
    await vm.remove(instance);
    expect(await bed.call('CHECK', container, on(name, 'node1', { prevResult }))).toMatchObject({ exit: 0 });
    const before = await held();
    const conf = kddConf({ cniVersion: '1.1.0', 'cni.dev/valid-attachments': [] });
    const gc = { plugin, args: '', env: { CNI_IFNAME: '' }, conf };
    expect(await bed.call('GC', { containerID: '', netns: '' }, gc)).toMatchObject({ exit: 0 });
    expect(await held()).toEqual(before);
    expect(await owners()).toEqual([[name.pod, undefined]]);
  });

  test.runIf(plugin === 'calico')(
    'takes at most four rounds of requests more for an ADD than another pod',
    async () => {
      const { bed, vm } = stage;
      const instance = await vm.instance('vm1', await vm.machine('vm1'));
      const name = await vm.launcher(instance, 'aaaaa');
      const [first, other, own] = [await bed.container(), await bed.container(), await bed.container()];
      await bed.add(first, distant(await bed.pod()));
      const web = await bed.pod();
      const usual = await bed.asked(() => bed.add(other, distant(web)));
      const more = await bed.asked(() => bed.add(own, distant(name)));
      const what = namesOf(more.requests).join('\n');
      expect(roundsOf(more.requests, GAP), what).toBeLessThanOrEqual(roundsOf(usual.requests, GAP) + 4);
    },
  );

  test('no other pod is asked about, and a pod without a machine is an ordinary one', async () => {
    const { bed, on, held } = stage;
    const [web, named] = [await bed.pod(), { namespace: 'prod', pod: 'virt-launcher-alone-abcde' }];
    await bed.kubernetes.create('/api/v1/namespaces/prod/pods', {
      metadata: { name: named.pod },
      spec: { nodeName: 'node1', containers: [{ name: 'main', image: 'none' }] },
    });
    const [one, two] = [await bed.container(), await bed.container()];
    const { requests } = await bed.asked(async () => {
      await bed.add(one, on(web));
      await bed.del(one, on(web));
      await bed.add(two, on(named));
    });
    expect(requests.filter(({ uri }) => uri.includes('kubevirt.io'))).toEqual([]);
    expect((await held()).handles).toEqual([`${NETWORK}.${two.containerID}`]);
    await bed.del(two, on(named));
    expect(await held()).toEqual(NOTHING_HELD);
  });
});
