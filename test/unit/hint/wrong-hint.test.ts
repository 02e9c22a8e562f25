import { describe, expect, test } from 'vitest';
import { type Hint, hintText, readHint } from '../../../shared/hint/hint.ts';
import { violations } from '../../support/invariants/invariants.ts';
import { usedAddresses } from '../../support/invariants/transitions.ts';
import { block } from '../../support/stored/ipam-world.ts';
import { add, del, ownBlock, verbs, warmed } from './hinted-calls.ts';

describe('a hint that is wrong does no harm:', () => {
  const rewritten = (text: string, change: object) => hintText({ ...(readHint(text) as Hint), ...change });
  const WRONG: readonly (readonly [string, (text: string) => string])[] = [
    ['of another cluster', (text) => rewritten(text, { cluster: 'c2' })],
    ['of another node', (text) => rewritten(text, { node: 'n2' })],
    [
      'that names another node’s block',
      (text) => rewritten(text, { own: ['10.0.0.0/30', '10.0.0.4/30', '10.0.0.8/30', '10.0.0.12/30'] }),
    ],
    ['that names no blocks', (text) => rewritten(text, { own: [] })],
    ['that names what is no block', (text) => rewritten(text, { own: ['../x', '10.0.0.0/0', '::/0'] })],
    ['cut off', (text) => text.slice(0, -10)],
    ['of another format', () => '\0\0\0'],
  ];

  test.each(WRONG)('%s', async (_, change) => {
    const { store, file, place } = await warmed();
    file.text = change(file.text ?? '');
    const { addresses } = await add(place, 'a');
    file.text = change(file.text ?? '');
    expect((await del(place, 'a')).addresses).toEqual(addresses);
    expect(violations(store.dump())).toEqual([]);
    expect(usedAddresses(store.dump())).toHaveLength(1);
  });

  test('that names one of several blocks: the others are read', async () => {
    const { store, file, place } = await warmed();
    for (const container of ['b', 'c', 'd', 'e']) await add(place, container);
    const own = (readHint(file.text ?? '') as Hint).own;
    expect(own).toHaveLength(2);
    file.text = rewritten(file.text ?? '', { own: own.slice(0, 1) });
    const { calls } = await add(place, 'f');
    expect(verbs(calls)).toEqual(['read', 'read', 'commit']);
    expect(calls[1]?.split(' ')).toHaveLength(2);
    expect(violations(store.dump())).toEqual([]);
    expect(usedAddresses(store.dump())).toHaveLength(6);
  });

  const PASSED: readonly (readonly [string, (text: string) => string])[] = [
    ['nothing', () => ''],
    ['no revision', (text) => text.slice(text.indexOf(' ') + 1)],
    ['a revision of 0', (text) => text.replace(/^\d+/, '0')],
    ['an old revision', (text) => text.replace(/^\d+/, '1')],
    ['a future revision', (text) => text.replace(/^\d+/, '9000000')],
    ['no block', (text) => text.replace(/\{.*$/, '{"sequenceNumber":9000000000000000000}')],
    ['half a block', (text) => text.slice(0, -20)],
  ];

  test.each(PASSED)('a block passed on while a call waits that is %s', async (_, change) => {
    const { store, file, place } = await warmed();
    await add(place, 'a', async () => {
      await add(place, 'before');
      const hint = readHint(file.text ?? '');
      const passed = hint?.passed.map(({ cidr, text }) => ({ cidr, text: change(text) }));
      file.text = rewritten(file.text ?? '', { passed });
    });
    expect(violations(store.dump())).toEqual([]);
    expect(usedAddresses(store.dump())).toHaveLength(3);
  });

  test('a block that lay in the hint before the call began is not taken over, whatever it says', async () => {
    const { store, file, place } = await warmed();
    const forged = (text: string) => text.replace(/"sequenceNumber":\d+/, '"sequenceNumber":9000000000000000000');
    const hint = readHint(file.text ?? '');
    file.text = rewritten(file.text ?? '', {
      passed: hint?.passed.map(({ cidr, text }) => ({ cidr, text: forged(text) })),
    });
    const { lost } = await add(place, 'a', async () => {
      file.text = rewritten(file.text ?? '', { containers: ' x=y' });
    });
    expect(lost).toBe(0);
    expect(violations(store.dump())).toEqual([]);
  });

  test('a lost race is settled with what the datastore holds, not with the hint', async () => {
    const { store, place, file } = await warmed();
    const key = block(ownBlock(store));
    const { lost, calls } = await add(place, 'a', async () => {
      const value = store.get(key)?.value ?? '';
      // Another host releases the address of the first container.
      store.put(
        key,
        value.replace(/"sequenceNumber":(\d+)/, (_, number) => `"sequenceNumber":${BigInt(number) + 1n}`),
      );
      store.put(key, store.get(key)?.value ?? '');
    });
    expect(lost).toBeLessThanOrEqual(1);
    expect(verbs(calls).filter((verb) => verb === 'commit').length).toBe(lost + 1);
    expect(violations(store.dump())).toEqual([]);
    expect(file.history.length).toBe(2);
  });
});
