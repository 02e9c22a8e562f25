import type { Span } from '../../shared/datastore/query.ts';
import { type Failure, failure } from '../../shared/error/failure.ts';
import { type Address, addressText, type Family, parseAddress } from '../../shared/net/address.ts';
import { parseCidr, size } from '../../shared/net/cidr.ts';
import type { Group } from './group.ts';

/** Most entries of a list. A CIDR or a range is one, whatever its size. */
const MOST_ENTRIES = 1024;
/** How much of a malformed entry an error shows. */
const SHOWN = 60;

interface Entry extends Span {
  readonly text: string;
  readonly family: Family;
}

/** Reads a fixed address group: addresses, CIDRs and ranges. Throws a Failure that names the first entry that is not valid. */
export function readGroup(texts: readonly string[], from: string): Group {
  if (texts.length === 0) throw refuse(from, 'it is empty');
  if (texts.length > MOST_ENTRIES) {
    throw refuse(from, `it has ${texts.length} entries, at most ${MOST_ENTRIES} are allowed: write CIDRs or ranges`);
  }
  const entries = texts.map((text) => entryOf(text, from));
  for (const family of [4, 6] as const) refuseTwice(ofFamily(entries, family), from);
  return { members: { 4: ofFamily(entries, 4).map(spanOf), 6: ofFamily(entries, 6).map(spanOf) }, from };
}

const spanOf = ({ from, to }: Entry): Span => ({ from, to });
const ofFamily = (entries: readonly Entry[], family: Family) => entries.filter((entry) => entry.family === family);

const refuse = (from: string, why: string): Failure =>
  failure(
    `cannot read the fixed address group: ${why}`,
    `${from}; a group is a list such as ["10.9.0.8/29", "10.9.1.4-10.9.1.9", "fd00::10"]`,
  );

function entryOf(text: string, from: string): Entry {
  const shown = JSON.stringify(text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);
  const wrong = (why: string) => refuse(from, `${shown} ${why}`);
  if (text.includes('/')) return cidrEntry(text, wrong);
  if (text.includes('-')) return rangeEntry(text, wrong);
  const address = parseAddress(text);
  if (address === undefined) throw wrong('is not an address, a CIDR or a range');
  return entryFrom(text, address, address);
}

type Wrong = (why: string) => Failure;

const entryFrom = (text: string, first: Address, last: Address): Entry => ({
  text,
  family: first.family,
  from: first.value,
  to: last.value + 1n,
});

function cidrEntry(text: string, wrong: Wrong): Entry {
  const cidr = parseCidr(text);
  const address = parseAddress(text.split('/')[0] ?? '');
  if (cidr === undefined || address?.family !== cidr.family) throw wrong('is not a CIDR');
  if (address.value !== cidr.base) throw wrong(`has host bits: write ${cidr.text}`);
  return { text, family: cidr.family, from: cidr.base, to: cidr.base + size(cidr) };
}

function rangeEntry(text: string, wrong: Wrong): Entry {
  const ends = text.split('-');
  const [first, last] = ends.map(parseAddress);
  if (ends.length !== 2 || first === undefined || last === undefined) throw wrong('is not a range');
  if (first.family !== last.family) throw wrong('begins in one family and ends in the other');
  if (last.value < first.value) throw wrong('ends before it begins');
  return entryFrom(text, first, last);
}

/** With an address in two places, a number would not say which member it is. */
function refuseTwice(entries: readonly Entry[], from: string): void {
  const sorted = [...entries].sort((a, b) => (a.from < b.from ? -1 : Number(a.from > b.from)));
  for (const [at, entry] of sorted.entries()) {
    const next = sorted[at + 1];
    if (next === undefined || next.from >= entry.to) continue;
    const [one, other] = entries.indexOf(entry) < entries.indexOf(next) ? [entry, next] : [next, entry];
    const both = addressText(next.family, next.from);
    throw refuse(from, `${JSON.stringify(other.text)} has ${both}, which is in ${JSON.stringify(one.text)} already`);
  }
}
