import { afterEach, beforeEach, expect, test } from 'vitest';
import { failureOf } from '../../support/calls/call.ts';
import { kddPod } from '../../support/kubernetes-datastore/bed.ts';
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
});
