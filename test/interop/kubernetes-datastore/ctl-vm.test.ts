import { describe, expect, test } from 'vitest';
import { addressesOf } from '../../support/calls/call.ts';
import { hasKubernetes } from '../../support/kubernetes/api-server.ts';
import { kubernetesSaid } from '../../support/kubernetes-datastore/calicoctl.ts';
import { HANDLE, machineForTests, NOTHING_HELD } from '../../support/kubernetes-datastore/machine-stage.ts';

describe.skipIf(!hasKubernetes())('a virtual machine’s address, seen by calicoctl', () => {
  const stage = machineForTests();

  const say = (line: string, status = 0) => kubernetesSaid(stage.bed, line, { status });

  /** A machine whose pod was deleted. */
  async function stopped() {
    const { bed, vm, on } = stage;
    const machine = await vm.machine('vm1');
    const instance = await vm.instance('vm1', machine);
    const name = await vm.launcher(instance, 'aaaaa');
    const container = await bed.container();
    const [address = ''] = addressesOf(await bed.add(container, on(name)));
    await bed.del(container, on(name));
    await vm.removePod(name);
    return { machine, instance, address };
  }

  test('is shown with both owners during a migration, which is no problem', async () => {
    const { bed, vm, on } = stage;
    const instance = await vm.instance('vm1', await vm.machine('vm1'));
    const source = await vm.launcher(instance, 'aaaaa');
    const target = await vm.launcher(instance, 'bbbbb', 'node2', 'm-1');
    const [address] = addressesOf(await bed.add(await bed.container(), on(source)));
    await bed.add(await bed.container(), on(target, 'node2'));
    const text = await say(`ipam show --ip=${address}`);
    expect(text).toContain(`Handle ID: ${HANDLE}\nActive Owner Attributes:\n  namespace: prod\n  node: node1\n`);
    expect(text).toMatch(/\nAlternate Owner Attributes:\n {2}namespace: prod\n {2}node: node2\n/);
    expect(text).toContain(`  vm-uid: `);
    expect(text).toContain(`  vmim-uid: m-1\n`);
    expect(await say('ipam check --cluster-only')).toContain('found 0 problems');
  });

  test('is not leaked without a pod while the machine or its instance exists, and is afterwards', async () => {
    const { vm, held } = stage;
    const { machine, instance, address } = await stopped();
    expect(await say('ipam check --cluster-only')).toContain('found 0 problems');
    await vm.remove(machine);
    expect(await say('ipam check --cluster-only')).toContain('found 0 problems');
    await say('ipam repair --yes');
    expect((await held()).addresses).toEqual([address]);
    await vm.remove(instance);
    expect(await say('ipam check --cluster-only', 1)).toContain(
      `Leaked addresses: allocated, but not in use: 1\n  ${address}: handle ${HANDLE}, virtual machine prod/vm1 does not exist\n`,
    );
    await say('ipam repair --yes');
    expect(await held()).toEqual(NOTHING_HELD);
    expect(await say('ipam check --cluster-only')).toContain('found 0 problems');
  });
});
