import { afterEach, beforeEach, expect, test } from 'vitest';
import { failureOf } from '../../support/calls/call.ts';
import type { PodName } from '../../support/kubernetes/pods.ts';
import { kddConf, kddPod } from '../../support/kubernetes-datastore/bed.ts';
import { inOneGroup } from '../../support/kubernetes-datastore/cluster-of-tests.ts';
import { expectNothingHeld } from '../../support/kubernetes-datastore/held.ts';
import { grantRights, RIGHTS, type Right } from '../../support/kubernetes-datastore/plugin-rights.ts';

const GROUP = 'crd.projectcalico.org';

/** Permissions by the first letters of their group, verb and resource, as in the test names. */
const right = (verb: string, resource: string, group = ''): Right => ({ verb, resource, group });

const FOR_ADD: readonly Right[] = [
  right('get', 'pods'),
  right('get', 'namespaces'),
  right('get', 'nodes'),
  right('patch', 'pods/status'),
  right('get', 'clusterinformations', GROUP),
  right('get', 'ippools', GROUP),
  right('list', 'ippools', GROUP),
  right('list', 'ipreservations', GROUP),
  right('get', 'ipamconfigs', GROUP),
  right('list', 'blockaffinities', GROUP),
  right('create', 'blockaffinities', GROUP),
  right('update', 'blockaffinities', GROUP),
  right('get', 'ipamblocks', GROUP),
  right('list', 'ipamblocks', GROUP),
  right('create', 'ipamblocks', GROUP),
  right('create', 'ipamhandles', GROUP),
];

const FOR_DEL: readonly Right[] = [
  right('get', 'pods'),
  right('patch', 'pods/status'),
  right('get', 'ipamhandles', GROUP),
  right('delete', 'ipamhandles', GROUP),
  right('update', 'ipamblocks', GROUP),
];

/** For a block that another node has left empty, when no other is free. */
const FOR_RECLAIM: readonly Right[] = [
  right('get', 'blockaffinities', GROUP),
  right('delete', 'blockaffinities', GROUP),
];

/** For what only few calls do; each has a test of its own. */
const FOR_FEW: readonly Right[] = [
  right('delete', 'ipamblocks', GROUP),
  right('update', 'ipamhandles', GROUP),
  right('list', 'ipamhandles', GROUP),
];
const [DELETE_BLOCK, UPDATE_HANDLE, LIST_HANDLES] = FOR_FEW as readonly [Right, Right, Right];
const TINY = '10.77.0.0/30';

/** What the tests of virtual machines need. */
const FOR_MACHINES = ['virtualmachineinstances', 'virtualmachines'].map((resource) =>
  right('get', resource, 'kubevirt.io'),
);

inOneGroup('the permissions of the plugin’s user', (bed) => {
  beforeEach(() => bed.reset());
  afterEach(() => grantRights(bed.ask));

  const withoutRight = ({ verb, resource }: Right) =>
    grantRights(
      bed.ask,
      RIGHTS.filter((given) => given.verb !== verb || given.resource !== resource),
    );

  /** The error names verb and resource, and the missing rule, ready to be pasted into the role. */
  function expectAdvice(failure: ReturnType<typeof failureOf>, { verb, resource, group }: Right): void {
    const { msg, details = '' } = failure;
    expect(msg).toContain(resource);
    expect(msg).toContain(verb);
    expect(details).toMatch(new RegExp(`apiGroups: *\\[? *-? *["']?${group}["']?`));
    expect(details).toContain(resource);
    expect(details).toContain(verb);
  }

  /** ADD fails without the right, and serves the pod with it. */
  async function expectNeededByAdd(missing: Right, name: PodName): Promise<void> {
    const container = await bed.container();
    await withoutRight(missing);
    expectAdvice(failureOf(await bed.call('ADD', container, kddPod(name))), missing);
    await grantRights(bed.ask);
    await bed.add(container, kddPod(name));
    await bed.del(container, kddPod(name));
    await expectNothingHeld(bed);
  }

  test.each(FOR_ADD)(
    'include $verb on $resource for ADD, which reports its absence and leaves nothing',
    async (missing) => {
      const name = await bed.pod();
      const container = await bed.container();
      await withoutRight(missing);
      const ran = await bed.call('ADD', container, kddPod(name));
      expect(ran.millis).toBeLessThan(15_000);
      expectAdvice(failureOf(ran), missing);
      await expectNothingHeld(bed, true);
      await grantRights(bed.ask);
      await bed.add(container, kddPod(name));
      expect(await bed.faults()).toEqual([]);
      await bed.del(container, kddPod(name));
      await expectNothingHeld(bed);
    },
  );

  test.each(FOR_DEL)(
    'include $verb on $resource for DEL, which reports its absence and can be repeated',
    async (missing) => {
      const name = await bed.pod();
      const container = await bed.container();
      await bed.add(container, kddPod(name));
      await withoutRight(missing);
      const ran = await bed.call('DEL', container, kddPod(name));
      expect(ran.millis).toBeLessThan(15_000);
      expectAdvice(failureOf(ran), missing);
      expect(await bed.faults(true)).toEqual([]);
      await grantRights(bed.ask);
      await bed.del(container, kddPod(name));
      await expectNothingHeld(bed);
    },
  );

  test.each(FOR_RECLAIM)(
    'include $verb on $resource for an ADD that takes over another node’s empty block, which reports its absence',
    async (missing) => {
      await bed.apply(bed.objects.pool('tiny', TINY, { blockSize: 30 }));
      await bed.apply(bed.objects.config({ strictAffinity: true }));
      await bed.apply(bed.objects.affinity('node2', TINY));
      await bed.apply(bed.objects.block(TINY, { node: 'node2', spec: { affinityClaimTime: '2020-01-01T00:00:00Z' } }));
      const name = await bed.pod({ annotations: { 'cni.projectcalico.org/ipv4pools': '["tiny"]' } });
      await expectNeededByAdd(missing, name);
    },
  );

  test('include delete on ipamblocks for a block that the original has half deleted', async () => {
    await bed.apply(bed.objects.pool('tiny', TINY, { blockSize: 30 }));
    await bed.apply(bed.objects.affinity('node1', TINY));
    await bed.apply(bed.objects.block(TINY, { node: 'node1', spec: { deleted: true } }));
    const name = await bed.pod({ annotations: { 'cni.projectcalico.org/ipv4pools': '["tiny"]' } });
    await expectNeededByAdd(DELETE_BLOCK, name);
  });

  test('include update on ipamhandles for an address of the other family', async () => {
    await bed.apply(bed.objects.pool('default-ipv6-ippool', 'fd80:24e2:f998:72d6::/64'));
    const container = await bed.container();
    const alone = (ipam: object) => ({ plugin: 'calico-ipam', conf: kddConf({ policy: undefined, ipam }) });
    const both = alone({ type: 'calico-ipam', assign_ipv4: 'true', assign_ipv6: 'true' });
    await bed.add(container, alone({ type: 'calico-ipam' }));
    await withoutRight(UPDATE_HANDLE);
    expectAdvice(failureOf(await bed.call('ADD', container, both)), UPDATE_HANDLE);
    await grantRights(bed.ask);
    await bed.add(container, both);
    await bed.del(container, both);
    await expectNothingHeld(bed);
  });

  test('include list on ipamhandles for GC, which reports its absence', async () => {
    const conf = kddConf({ cniVersion: '1.1.0', 'cni.dev/valid-attachments': [] });
    const gc = { netns: '', args: '', env: { CNI_IFNAME: '' }, conf };
    const nobody = { containerID: '', netns: '' };
    await withoutRight(LIST_HANDLES);
    expectAdvice(failureOf(await bed.call('GC', nobody, gc)), LIST_HANDLES);
    await grantRights(bed.ask);
    expect(await bed.call('GC', nobody, gc)).toMatchObject({ exit: 0 });
  });

  test('are all in one of these lists: the printed role has none that could be missing', () => {
    const needed = [...FOR_ADD, ...FOR_DEL, ...FOR_RECLAIM, ...FOR_FEW, ...FOR_MACHINES].map(textOf);
    const printed = RIGHTS.filter(({ group }) => group !== 'projectcalico.org').map(textOf);
    expect(printed.toSorted()).toEqual([...new Set(needed)].toSorted());
  });
});

const textOf = ({ verb, resource, group }: Right): string => `${verb} ${resource} ${group}`;
