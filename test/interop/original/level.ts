import ipaddr from 'ipaddr.js';
import type { Outcome } from './recording.ts';

/** An outcome without what may differ from run to run. etcd's values and stdout stay text, so that order counts. */
export type Levelled = Readonly<Pick<Outcome, 'exit' | 'stdout' | 'etcd' | 'host' | 'pods'>>;

type Json = string | number | boolean | null | undefined | readonly Json[] | { readonly [key: string]: Json };

interface NamedBlock {
  readonly first: bigint;
  readonly size: bigint;
  readonly family: string;
  readonly name: string;
}

/**
 * Normalizes the outcomes of one scenario. Blocks are named in order of appearance, because any order of claims is
 * valid.
 */
export function levelAll(outcomes: readonly Outcome[]): readonly Levelled[] {
  return outcomes.map(({ exit, stdout, etcd, host, pods }, index) => {
    const blocks = nameBlocks(outcomes.slice(0, index + 1));
    return {
      exit,
      stdout: levelText(renameText(stdout, blocks)),
      etcd: levelStore(etcd, blocks),
      host: level(rename({ ...host } as unknown as Json, blocks)) as unknown as Outcome['host'],
      pods: level(rename({ ...pods } as unknown as Json, blocks)) as unknown as Outcome['pods'],
    };
  });
}

/** A pool keeps its name even if one of its blocks starts with it. */
function levelStore(etcd: Outcome['etcd'], blocks: readonly NamedBlock[]): Outcome['etcd'] {
  const entries = Object.entries(etcd).map(([key, value]) => {
    const named = key.includes('/ippools/') ? value : renameText(value, blocks);
    return [renameText(key, blocks), levelValue(named)] as const;
  });
  return Object.fromEntries(entries);
}

const BLOCK = /^\/calico\/ipam\/v2\/assignment\/ipv[46]\/block\/(.+)-(\d+)$/;
const ADDRESS = /\b\d+\.\d+\.\d+\.\d+\b|(?<![0-9a-f:])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?![0-9a-f:])/g;

function nameBlocks(outcomes: readonly Outcome[]): readonly NamedBlock[] {
  const blocks = new Map<string, NamedBlock>();
  for (const key of outcomes.flatMap((outcome) => Object.keys(outcome.etcd))) {
    const [, base = '', length = ''] = BLOCK.exec(key) ?? [];
    if (base === '' || blocks.has(key)) continue;
    const address = ipaddr.parse(base);
    const bits = address.kind() === 'ipv4' ? 32 : 128;
    const size = 1n << BigInt(bits - Number(length));
    blocks.set(key, { first: numberOf(address), size, family: address.kind(), name: `<block${blocks.size + 1}>` });
  }
  return [...blocks.values()];
}

const numberOf = (address: ipaddr.IPv4 | ipaddr.IPv6) =>
  address.toByteArray().reduce((number, byte) => number * 256n + BigInt(byte), 0n);

function renameText(text: string, blocks: readonly NamedBlock[]): string {
  return text.replace(ADDRESS, (word) => {
    if (!ipaddr.isValid(word)) return word;
    const address = ipaddr.parse(word);
    const number = numberOf(address);
    const holds = ({ first, size, family }: NamedBlock) =>
      family === address.kind() && number >= first && number < first + size;
    const block = blocks.find(holds);
    return block === undefined ? word : `${block.name}+${number - block.first}`;
  });
}

function rename(value: Json, blocks: readonly NamedBlock[]): Json {
  if (typeof value === 'string') return renameText(value, blocks);
  return mapJson(
    value,
    (key) => renameText(key, blocks),
    (_, inner) => rename(inner, blocks),
  );
}

const VOLATILE = ['uid', 'creationTimestamp', 'affinity_claim_time', 'timestamp', 'sequenceNumber', 'mac'];
const MAC = /\b[0-9a-f]{2}(:[0-9a-f]{2}){5}\b/g;
const LINK_LOCAL = /fe80::[0-9a-f:]+/g;

/** A stored value: JSON is normalized inside and printed in its own order, anything else as text. */
function levelValue(value: string): string {
  return /^[{[]/.test(value) ? JSON.stringify(level(JSON.parse(value))) : levelText(value);
}

function levelText(text: string): string {
  return text
    .replace(MAC, (mac) => (mac === 'ee:ee:ee:ee:ee:ee' ? mac : '<mac>'))
    .replace(/in path \[[^\]]*\]/g, 'in path [<CNI_PATH>]')
    .replace(/(error unmarshall network config|failed to load netconf): .*/g, "$1: <parser's own words>")
    .replace(LINK_LOCAL, (address) => (address === 'fe80::ecee:eeff:feee:eeee' ? address : 'fe80::<ll>'));
}

function level(value: Json): Json {
  if (typeof value === 'string') return levelText(value);
  return mapJson(value, (key) => key, levelField);
}

function levelField(key: string, value: Json): Json {
  if (VOLATILE.includes(key) && value !== null && value !== '') return '<volatile>';
  if (key !== 'sequenceNumberForAllocation' || typeof value !== 'object') return level(value);
  return mapJson(
    value,
    (ordinal) => ordinal,
    () => '<n>',
  );
}

/** The same shape with other keys and values. Anything except lists and objects stays unchanged. */
function mapJson(value: Json, key: (name: string) => string, field: (name: string, inner: Json) => Json): Json {
  if (Array.isArray(value)) return value.map((inner) => field('', inner));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [key(name), field(name, inner)]));
}
