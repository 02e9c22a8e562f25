/** Fuzzers of what etcd holds: garbage, and the fields of another version. */
import { parseJson } from '../../shared/calico/json.ts';
import { violations } from '../support/invariants/invariants.ts';
import type { Dump } from '../support/invariants/ipam-dump.ts';
import { isSame } from './calls.ts';
import { COMMANDS, CONF, cluster, environment } from './cluster.ts';
import type { Draw } from './draw.ts';
import { hostileJson } from './hostile.ts';
import { servedCall } from './judge.ts';

type Keys = readonly [string, ...string[]];

/** One to three values in the store are hostile. */
export async function etcd(draw: Draw): Promise<void> {
  const content: Record<string, string> = { ...(await cluster()) };
  const keys = Object.keys(content) as unknown as Keys;
  const hostile = new Set(Array.from({ length: 1 + draw.below(3) }, () => draw.pick(keys)));
  for (const key of hostile) content[key] = hostileJson(draw, JSON.parse(content[key] ?? ''));
  await judgedCall(draw, content, hostile);
}

/** A call on a store with hostile values: no partial change, and valid data stays valid. */
export async function judgedCall(draw: Draw, content: Dump, hostile: ReadonlySet<string>): Promise<void> {
  const command = draw.pick([...COMMANDS, 'ADD', 'DEL'] as const);
  const { status, stdout, after } = await servedCall(
    environment(command, draw.pick(['c1', 'c2', 'c9'])),
    JSON.stringify(CONF),
    content,
  );
  if (isSame(content, after)) return;
  if (status !== 0 && command !== 'GC') throw new Error(`${command} failed, and changed the store: ${stdout}`);
  judgeChange(content, after, hostile);
}

/** Valid data stays valid. Hostile values that were not rewritten are ignored before and after. */
function judgeChange(before: Dump, after: Dump, hostile: ReadonlySet<string>): void {
  const untouched = [...hostile].filter((key) => before[key] === after[key]);
  // What a handle counts in a block that is ignored cannot be compared with that block.
  const ignored = untouched.filter(isBlock).map(cidrOf);
  const [was, is] = [before, after].map((dump) => soundness(without(dump, untouched), ignored));
  if (was === undefined) return;
  if (is === undefined) throw new Error('what was written cannot be parsed');
  judgeRewritten(before, after, hostile, is);
  for (const [number, faults] of is) {
    // A handle that omits a block, as an unparsable one may, hides what it holds there.
    if (number === '16' && [...hostile].some((key) => key.includes('/handle/'))) continue;
    if (faults.length > (was.get(number)?.length ?? 0)) throw new Error(`newly broken invariant: ${faults.join('; ')}`);
  }
}

/** A hostile block that was valid enough to be rewritten is valid from then on. */
function judgeRewritten(
  before: Dump,
  after: Dump,
  hostile: ReadonlySet<string>,
  is: ReadonlyMap<string, readonly string[]>,
): void {
  const rewritten = [...hostile].filter(
    (key) => isBlock(key) && after[key] !== undefined && after[key] !== before[key],
  );
  const cidrs = rewritten.map(cidrOf);
  const faults = ['1', '3', '5'].flatMap((number) => is.get(number) ?? []);
  const broken = faults.find((line) => cidrs.some((cidr) => line.includes(cidr)));
  if (broken !== undefined) throw new Error(`an invalid block was written: ${broken}`);
}

/** The invariants of what handles count in blocks. */
const OF_HANDLES = new Set(['14', '15']);

const isBlock = (key: string): boolean => key.includes('/assignment/');
const cidrOf = (key: string): string => key.slice(key.lastIndexOf('/') + 1).replace('-', '/');

const without = (dump: Dump, keys: readonly string[]): Dump =>
  Object.fromEntries(Object.entries(dump).filter(([key]) => !keys.includes(key)));

function soundness(dump: Dump, ignored: readonly string[]): ReadonlyMap<string, readonly string[]> | undefined {
  try {
    const byNumber = new Map<string, string[]>();
    for (const line of violations(dump, { except: [13] })) {
      const number = line.slice(0, line.indexOf(':'));
      if (OF_HANDLES.has(number) && ignored.some((cidr) => line.includes(cidr))) continue;
      const lines = byNumber.get(number);
      // A hostile handle may have one line for each of a hundred thousand characters.
      if (lines === undefined) byNumber.set(number, [line]);
      else lines.push(line);
    }
    return byNumber;
  } catch {
    return undefined;
  }
}

const FUTURE = 'fromAnotherVersion';

/** Every object in the store has fields that this version does not know. They survive every call. */
export async function versions(draw: Draw): Promise<void> {
  const base = await cluster();
  const content = Object.fromEntries(Object.entries(base).map(([key, text]) => [key, withFuture(draw, key, text)]));
  const command = draw.pick(['ADD', 'DEL', 'GC'] as const);
  const name = draw.once(2) ? 'net2' : 'net1';
  const conf = {
    ...CONF,
    name,
    cniVersion: '1.1.0',
    ipam: { ...CONF.ipam, ...(draw.once(3) ? { assign_ipv6: 'false' } : {}) },
  };
  const who = draw.pick(['c1', 'c2', 'c3', 'c9']);
  const { status, stdout, after } = await servedCall(environment(command, who), JSON.stringify(conf), content);
  if (status !== 0) throw new Error(stdout);
  for (const [key, text] of Object.entries(after)) {
    const old = content[key];
    if (old !== undefined && old !== text) judgeFuture(key, parseJson(key, old), parseJson(key, text));
  }
}

/** The text with an unknown field in its object, or in the attributes of a block. */
function withFuture(draw: Draw, key: string, text: string): string {
  const value = draw.pick([
    '1',
    '"x"',
    '{"a":[18446744073709551615]}',
    '[null,{}]',
    '18446744073709551617',
    '{"10":1,"9":2}',
  ]);
  const field = `"${FUTURE}":${value}`;
  const outer = `${text.slice(0, -1)},${field}}`;
  return key.includes('/block/') ? outer.replaceAll('{"handle_id"', `{${field},"handle_id"`) : outer;
}

function judgeFuture(key: string, old: unknown, now: unknown): void {
  const { attributes: before = [] } = old as { attributes?: readonly { handle_id: string }[] };
  const { attributes: after = [] } = now as { attributes?: readonly { handle_id: string }[] };
  const pairs = before.flatMap((one) =>
    after.filter(({ handle_id }) => handle_id === one.handle_id).map((two) => [one, two] as const),
  );
  for (const [one, two] of [[old, now] as const, ...pairs]) {
    if (print(future(one)) !== print(future(two)))
      throw new Error(`${key} has lost ${print(future(one))}: ${print(future(two))}`);
  }
}

const future = (value: unknown): unknown => (value as Readonly<Record<string, unknown>>)[FUTURE];
const print = (value: unknown): string =>
  JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? `${each}n` : each)) ?? 'nothing';
