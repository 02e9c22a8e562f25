import { expect, test } from 'vitest';
import { openNetworkCopy } from '../../../../node/state/network-copy.ts';
import { NETWORK_KINDS } from '../../../../node/state/network-kinds.ts';
import type { Entry } from '../../../../shared/datastore/query.ts';
import { blockRef, nodeRef } from '../../../../shared/datastore/ref.ts';
import type { Feed, Receiver } from '../../../../shared/datastore/watch.ts';
import { failure } from '../../../../shared/error/failure.ts';
import { parseCidr } from '../../../../shared/net/cidr.ts';
import { sleep } from '../../../../shared/system/pause.ts';
import { fakeWorld } from '../../../support/host/fake-world.ts';

const node = (name: string, ipv4Address: unknown = '10.0.0.1/24'): Entry => ({
  ref: nodeRef(name),
  at: `nodes/${name}`,
  value: JSON.stringify({ metadata: { name }, spec: { bgp: { ipv4Address } } }),
  version: '1',
});

const block = (text: string): Entry => ({
  ref: blockRef(parseCidr(text) ?? expect.fail()),
  at: `blocks/${text}`,
  value: JSON.stringify({ affinity: 'host:a', allocations: [], attributes: [] }),
  version: '1',
});

/** A copy whose feed is in the test's hands. */
function open() {
  let receiver: Receiver | undefined;
  let runs = 0;
  let fail: (thrown: unknown) => void = () => {};
  const feed: Feed = {
    run: (given) => {
      receiver = given;
      runs++;
      return new Promise((_, reject) => {
        fail = reject;
      });
    },
  };
  let changes = 0;
  const copy = openNetworkCopy({ node: 'a', feed, world: fakeWorld({}), changed: () => void changes++ });
  return {
    copy,
    to: () => receiver ?? expect.fail(),
    fail: (thrown: unknown) => fail(thrown),
    runs: () => runs,
    changes: () => changes,
  };
}

/** Longer than changes are gathered. */
const gathered = () => sleep(60);

async function filled() {
  const opened = open();
  opened.to().renew(NETWORK_KINDS);
  for (const name of ['b', 'a']) opened.to().put(node(name));
  opened.to().put(block('10.10.0.0/26'));
  opened.to().settle();
  await gathered();
  return opened;
}

test('there is no state before everything has been read', async () => {
  const { copy, to, changes } = open();
  to().renew(NETWORK_KINDS);
  to().put(node('a'));
  await gathered();
  expect([copy.state(), changes()]).toEqual([undefined, 0]);
  to().settle();
  await gathered();
  expect([copy.state()?.nodes.size, changes()]).toEqual([1, 1]);
  copy.close();
});

test('changes that come together are shown together, and what is as it was stays the same object', async () => {
  const { copy, to, changes } = await filled();
  const before = copy.state();
  to().put(node('c'));
  to().settle();
  to().put(node('b', '10.0.0.2/24'));
  to().settle();
  await gathered();
  const after = copy.state();
  expect(changes()).toBe(2);
  expect([...(after?.nodes.keys() ?? [])]).toEqual(['a', 'b', 'c']);
  expect(after?.nodes.get('a')).toBe(before?.nodes.get('a'));
  expect(after?.blocks).toBe(before?.blocks);
  expect(before?.nodes.size).toBe(2);
  copy.close();
});

test('an object that is written again as it was changes nothing', async () => {
  const { copy, to, changes } = await filled();
  const before = copy.state();
  to().put(node('a'));
  to().settle();
  await gathered();
  expect([copy.state(), changes()]).toEqual([before, 1]);
  copy.close();
});

test('while a kind is read anew the old objects are shown, and then what has changed is', async () => {
  const { copy, to, changes } = await filled();
  const before = copy.state();
  to().put(node('d'));
  to().renew(['Node']);
  to().put(node('a'));
  await gathered();
  expect(copy.state()).toBe(before);
  to().settle();
  await gathered();
  expect([...(copy.state()?.nodes.keys() ?? [])]).toEqual(['a']);
  to().renew(['Node']);
  to().put(node('a'));
  to().settle();
  await gathered();
  expect(changes()).toBe(2);
  copy.close();
});

test('an object that becomes unusable is gone, and named until it is right or gone', async () => {
  const { copy, to } = await filled();
  to().put(node('b', 7));
  to().settle();
  await gathered();
  expect([...(copy.state()?.nodes.keys() ?? [])]).toEqual(['a']);
  expect(copy.unusable()).toEqual([expect.stringMatching(/^node b is not used/)]);
  to().drop('Node', 'nodes/b');
  to().settle();
  await gathered();
  expect(copy.unusable()).toEqual([]);
  copy.close();
});

test('a connection that ends once is not worth a word; a datastore that stays away is', async () => {
  const { copy, fail, to, runs, changes } = await filled();
  fail(failure('the connection ended'));
  await sleep(500);
  expect([runs(), copy.trouble()]).toEqual([2, undefined]);
  fail(failure('nobody is there'));
  await gathered();
  expect([copy.trouble()?.message, changes(), copy.state()?.nodes.size]).toEqual(['nobody is there', 2, 2]);
  await sleep(1_000);
  to().settle();
  expect([runs(), copy.trouble(), changes()]).toEqual([3, undefined, 3]);
  copy.close();
});

test('a closed copy asks no more, and calls nobody', async () => {
  const { copy, fail, to, runs, changes } = await filled();
  copy.close();
  to().put(node('c'));
  to().settle();
  fail(failure('ended'));
  await sleep(500);
  expect([runs(), changes()]).toEqual([1, 1]);
});
