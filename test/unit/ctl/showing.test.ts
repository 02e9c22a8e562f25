import { expect, test } from 'vitest';
import type { Context } from '../../../ctl/command-line/context.ts';
import { formatOf } from '../../../ctl/commands/output.ts';
import { asValues, inRows } from '../../../ctl/commands/showing.ts';
import { kindNamed } from '../../../ctl/kinds/kinds.ts';
import { stringifyJson } from '../../../shared/calico/json.ts';
import type { Entry } from '../../../shared/datastore/query.ts';
import { endpointRef } from '../../../shared/datastore/ref.ts';

const LARGE = 3_000_000;
const endpoints = kindNamed('WorkloadEndpoint');
if (endpoints === undefined) throw new Error('no endpoints');

const entry = (at: number, size: number): Entry => ({
  ref: endpointRef('prod', `e${at}`),
  at: `pods/prod/e${at}`,
  value: stringifyJson({
    metadata: { name: `e${at}`, namespace: 'prod', labels: { text: 'x'.repeat(size) } },
    spec: {},
  }),
  version: '7',
});

/** Lists endpoints of this size one by one; the last fails if asked to. Notes how much had been printed before each. */
function stage(count: number, size: number, fails: boolean) {
  const before: number[] = [];
  const printed: string[] = [];
  async function* pages() {
    for (let at = 0; at < count; at++) {
      before.push(printed.join('').length);
      if (fails && at === count - 1) throw new Error('broken');
      yield [entry(at, size)];
    }
  }
  const scan = { pages, version: () => '7', close: () => {} };
  const context = { openScan: () => scan, out: (text: string) => void printed.push(text), err: () => {} };
  return { context: context as unknown as Context, before, printed };
}

test.each(['json', 'yaml'] as const)('a long list in %s is printed while it is read', async (style) => {
  const { context, before, printed } = stage(6, LARGE, false);
  const showing = asValues(context, style, true);
  await showing.list(endpoints, 'prod');
  expect(printed).toEqual([]);
  await showing.end();
  expect(before.at(-2)).toBeGreaterThan(0);
  expect(before.at(-1)).toBeGreaterThan((before.at(-2) ?? 0) + LARGE);
});

test('a long list that fails while it is printed fails at the end', async () => {
  const { context, printed } = stage(6, LARGE, true);
  const showing = asValues(context, 'json', true);
  await showing.list(endpoints, 'prod');
  await expect(showing.end()).rejects.toThrow('broken');
  expect(printed.length).toBeGreaterThan(0);
});

test.each([
  ['json', (context: Context) => asValues(context, 'json', true)],
  ['a table', (context: Context) => inRows(context, { format: formatOf('wide'), withNamespace: true })],
])('nothing is printed of a list that fails, in %s', async (_, showingIn) => {
  const { context, printed } = stage(3, 10, true);
  const showing = showingIn(context);
  await expect(showing.list(endpoints, 'prod')).rejects.toThrow('broken');
  await showing.end();
  expect(printed).toEqual([]);
});
