import { expect } from 'vitest';
import { test } from '../../support/bed/bed.ts';
import { calicoctl, said } from '../../support/calicoctl/calicoctl.ts';
import { addressesOf, failureOf } from '../../support/calls/call.ts';

test('a block deleted under running pods is reported, gives no address until then, and is rebuilt', {
  timeout: 60_000,
}, async ({ bed }) => {
  const [one, two, three] = [await bed.container(), await bed.container(), await bed.container()];
  const [first = ''] = addressesOf(await bed.add(one));
  const [second = ''] = addressesOf(await bed.add(two));
  const blocks = async () => Object.keys(await bed.etcd.dump()).filter((key) => key.includes('/assignment/'));
  const handles = async () => Object.keys(await bed.etcd.dump()).filter((key) => key.includes('/handle/'));
  await bed.etcd.del(...(await blocks()));
  const found = await calicoctl(bed, 'ipam check --cluster-only');
  expect([found.exit, found.stdout]).toEqual([
    1,
    expect.stringContaining('missing, but 2 of its addresses are in use'),
  ]);
  expect(found.stdout).toContain('found 1 problem. calicoctl ipam repair can fix 1 of them.');
  const asked = failureOf(await bed.call('ADD', three, { plugin: 'calico-ipam', args: `IP=${second}` }));
  expect(asked).toMatchObject({ code: 999, msg: expect.stringContaining('which is missing') });
  const held = await handles();
  const repaired = await calicoctl(bed, 'ipam repair --yes --cluster-only');
  expect([repaired.exit, repaired.stdout]).toEqual([0, expect.stringContaining('fixed 1 problem, 0 left.')]);
  expect(await handles()).toEqual(held);
  expect(await said(bed, 'ipam check --cluster-only')).toContain('found 0 problems');
  expect(await said(bed, `ipam show --ip=${first}`)).toContain(`Handle ID: net1.${one.containerID}`);
  const [third = ''] = addressesOf(await bed.add(three));
  expect([first, second]).not.toContain(third);
  for (const container of [one, two, three]) await bed.del(container);
  expect(await handles()).toEqual([]);
});
