/** Fuzzer of calicoctl on a store whose values are hostile or full of null. */

import { decode } from '../../ctl/change/stored.ts';
import { formatOf, isTable } from '../../ctl/commands/output.ts';
import { rowsOf, rowTexts } from '../../ctl/commands/rows.ts';
import { valuesText } from '../../ctl/commands/values.ts';
import { addressText, findAddress } from '../../ctl/ipam/address.ts';
import { nodeAddresses } from '../../ctl/ipam/node-blocks.ts';
import { countUse } from '../../ctl/ipam/utilization.ts';
import { KINDS } from '../../ctl/kinds/kinds.ts';
import { repair } from '../../ctl/repair/repair.ts';
import { decodeBlock } from '../../ipam/block/block-json.ts';
import { readPools } from '../../ipam/config/pools.ts';
import { readReservations } from '../../ipam/config/reservations.ts';
import { releaseAddresses } from '../../ipam/release/release-address.ts';
import { POOLS, RESERVATIONS } from '../../shared/datastore/query.ts';
import type { Outcome, Plan } from '../../shared/datastore/view.ts';
import { Failure } from '../../shared/error/failure.ts';
import { parseBlockKey, refOf } from '../../shared/etcd/keys.ts';
import { parseAddress } from '../../shared/net/address.ts';
import { inspectModel, menderOf } from '../support/calicoctl/check-model.ts';
import { carryOut } from '../support/fake-datastore/actor.ts';
import { type FakeStore, fakeStore } from '../support/fake-datastore/fake-store.ts';
import type { Dump } from '../support/invariants/ipam-dump.ts';
import { at } from '../support/stored/ipam-world.ts';
import { cluster } from './cluster.ts';
import type { Draw } from './draw.ts';
import { hostileJson } from './hostile.ts';
import { riddled } from './nulls.ts';
import { requireOwnWords } from './own-words.ts';

const NOW = at(3_600);
const STYLES = ['ps', 'wide', 'name', 'json', 'yaml'] as const;

export async function operator(draw: Draw): Promise<void> {
  const content = await hostileStore(draw);
  const model = fakeStore(content);
  const plan = draw.pick<() => Plan<Outcome<unknown>>>([
    () => nodeAddresses('n1', NOW),
    () => use(),
    () => address(draw.pick(['10.0.0.0', '10.0.0.9', 'fd00::1', '9.9.9.9'])),
    () => releaseAddresses({ addresses: [{ address: '10.0.0.0' }], now: NOW }),
  ]);
  await inWords(async () => printed(await carryOut(fakeStore(content), plan)));
  // A table shows what is stored, even if it is not text.
  await inWords(async () => listed(content, draw.pick(STYLES)).replaceAll('[object Object]', ''));
  if (draw.once(2)) await checked(model, content);
}

async function hostileStore(draw: Draw): Promise<Dump> {
  const plain = await cluster();
  if (!draw.once(3)) return riddled(draw, plain).content;
  const key = Object.keys(plain)[draw.below(Object.keys(plain).length)] ?? '';
  return { ...plain, [key]: hostileJson(draw, JSON.parse(plain[key] ?? '')) };
}

/** Output and errors are readable. */
async function inWords(say: () => Promise<string>): Promise<void> {
  try {
    requireOwnWords(await say());
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.message === '') throw thrown;
    requireOwnWords(`${thrown.message} ${thrown.details}`);
  }
}

/** `ipam check`, then `ipam repair`: what cannot be parsed stays. */
async function checked(model: FakeStore, content: Dump): Promise<void> {
  const { findings } = await inspectModel(model, NOW);
  for (const { text } of findings) requireOwnWords(text);
  const { means, options } = menderOf(model, NOW);
  for (const { end, ...verdict } of await repair(means, findings, options))
    requireOwnWords(`${end} ${printed(verdict)}`);
  const lost = Object.keys(content).find((key) => isUnreadable(key, content[key]) && model.get(key) === undefined);
  if (lost !== undefined) throw new Error(`repair has deleted ${lost}, which it cannot parse`);
}

function isUnreadable(key: string, value = ''): boolean {
  const cidr = parseBlockKey(key);
  if (cidr === undefined) return false;
  try {
    decodeBlock(cidr, value, key);
    return false;
  } catch {
    return true;
  }
}

/** Counts like `ipam show`. */
function* use(): Plan<Outcome<unknown>> {
  const blocks = { all: 'block' } as const;
  const view = yield [POOLS, RESERVATIONS, blocks];
  const count = countUse(readPools(view), readReservations(view), { now: NOW, cooldown: 0 });
  for (const { ref, at: key, value } of view.list(blocks)) {
    if (ref.kind === 'block' && !isUnreadable(key, value)) count.add(ref.cidr, decodeBlock(ref.cidr, value, key));
  }
  return { changes: [], answer: count.pools() };
}

function* address(text: string): Plan<Outcome<string>> {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new Error(text);
  const { answer } = yield* findAddress(parsed);
  return { changes: [], answer: addressText(parsed, answer, []) };
}

/** Prints everything like `get`. */
function listed(content: Dump, style: (typeof STYLES)[number]): string {
  const found = KINDS.map((kind) => {
    const resources = Object.entries(content).flatMap(([key, value]) => {
      const ref = refOf(key);
      if (ref?.kind !== kind.name) return [];
      return decodedOrNot(() => decode(kind, { ref, at: key, value, version: '1' }));
    });
    return { kind, resources, version: '1' };
  });
  const look = { format: formatOf(style), withNamespace: true };
  if (!isTable(look.format)) return valuesText(found, style === 'json' ? 'json' : 'yaml');
  const rows = found.map(({ kind, resources }) => rowsOf(kind, resources, look, { asNumber: '64512' }));
  return [...rowTexts(rows, look)].join('');
}

function decodedOrNot<T>(work: () => T): readonly T[] {
  try {
    return [work()];
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    requireOwnWords(thrown.message);
    return [];
  }
}

const printed = (value: unknown): string =>
  JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? String(each) : each)) ?? '';
