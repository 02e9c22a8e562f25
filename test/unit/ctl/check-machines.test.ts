import { describe, expect, test } from 'vitest';
import { isFault } from '../../../ctl/check/finding.ts';
import { machineOf } from '../../../ctl/check/machines.ts';
import { repair } from '../../../ctl/repair/repair.ts';
import { inspectModel, linesOf, menderOf } from '../../support/calicoctl/check-model.ts';
import { fakeStore } from '../../support/fake-datastore/fake-store.ts';
import { A, blockOf, container, counts, damaged } from '../../support/stored/ipam-healthy.ts';
import { at, block, handle } from '../../support/stored/ipam-world.ts';

const NOW = at(3600);
const HANDLE = 'net1.vmi.prod.vm1';
const owner = (pod: string, timestamp = '2026-11-21 00:00:00.5 +0000 UTC') => ({
  ...{ namespace: 'prod', node: 'node1', pod, timestamp, 'vmi-name': 'vm1' },
});
const held = (more: object) => blockOf(A, 'host:node1', { 0: container('c1'), 1: { handle_id: HANDLE, ...more } });
const clusterWith = (more: object) => fakeStore(damaged({ put: { ...held(more), ...counts(HANDLE, { [A]: 1 }) } }));
const LEAKED = `leaked 10.10.0.1: handle ${HANDLE}, virtual machine prod/vm1 does not exist`;

const NONE: ReadonlySet<string> = new Set();
const THERE: ReadonlySet<string> = new Set(['prod/vm1']);

test.each([
  [HANDLE, 'prod/vm1'],
  ['a.b.vmi.prod.vm.example.com', 'prod/vm.example.com'],
  ['net1.c0ffee', undefined],
  ['net1.vmi.vm1', undefined],
])('the machine of %s is %s', (handleID, machine) => {
  expect(machineOf(handleID)).toBe(machine);
});

describe('an address of a virtual machine without a pod is', () => {
  const found = async (machines: ReadonlySet<string> | undefined, more: object = {}) =>
    linesOf((await inspectModel(clusterWith(more), NOW, 300, machines)).findings);

  test('no problem while the machine exists, or when that is not known', async () => {
    expect(await found(THERE)).toEqual([]);
    expect(await found(undefined)).toEqual([]);
  });

  test('leaked when the machine is gone, whatever pod had it', async () => {
    expect(await found(NONE)).toEqual([LEAKED]);
    expect(await found(NONE, { alternateOwnerAttrs: owner('virt-launcher-vm1-a') })).toEqual([LEAKED]);
    expect(await found(NONE, { secondary: owner('virt-launcher-vm1-a') })).toEqual([
      `leaked 10.10.0.1: handle ${HANDLE}, pod prod/virt-launcher-vm1-a, on node1, virtual machine prod/vm1 does not exist`,
    ]);
  });

  test('not leaked yet just after it was assigned', async () => {
    expect(await found(NONE, { secondary: owner('virt-launcher-vm1-a', '2026-11-21 09:31:20.5 +0000 UTC') })).toEqual(
      [],
    );
  });
});

describe('a repair of an address whose machine was gone', () => {
  async function repaired(meanwhile: (model: ReturnType<typeof clusterWith>) => ReadonlySet<string>) {
    const model = clusterWith({});
    const faults = (await inspectModel(model, NOW, 300, NONE)).findings.filter(isFault);
    const { means, options } = menderOf(model, NOW, meanwhile(model));
    const verdicts = await repair(means, faults, options);
    return { model, said: verdicts.map(({ end, why }) => `${end}: ${why}`) };
  }

  test('releases it', async () => {
    const { model, said } = await repaired(() => NONE);
    expect(said).toEqual(['mended: ']);
    expect(model.get(handle(HANDLE))).toBeUndefined();
  });

  test('leaves it when the machine is there again', async () => {
    expect((await repaired(() => THERE)).said).toEqual(['left: virtual machine prod/vm1 may exist']);
  });

  test('leaves it when a pod of a new machine has got it', async () => {
    const { model, said } = await repaired((store) => {
      for (const [key, value] of Object.entries(held({ secondary: owner('virt-launcher-vm1-b') })))
        store.put(key, value);
      return NONE;
    });
    expect(said).toEqual(['left: a pod has got it since']);
    expect(model.dump()[block(A)]).toContain('virt-launcher-vm1-b');
  });
});
