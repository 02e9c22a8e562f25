import { asObject, objectOrNothing, readerIn, readMetadata, reasonOf } from '../../shared/calico/stored.ts';
import { quote } from '../../shared/cni/quote.ts';
import { type Entry, RESERVATIONS, type Span } from '../../shared/datastore/query.ts';
import type { View } from '../../shared/datastore/view.ts';
import { addressBits, type Family, parseAddress } from '../../shared/net/address.ts';
import { blockOf, type Cidr, parseCidr, size } from '../../shared/net/cidr.ts';

/** Addresses set aside by IPReservations: disjoint spans [from, to) in ascending order. */
export type Reservations = Readonly<Record<Family, readonly Span[]>>;

/** What is reserved, and why some entries are not used. */
export interface ReservationsRead {
  readonly reservations: Reservations;
  readonly unread: readonly string[];
}

/**
 * All reserved CIDRs; addresses without prefix length and host bits are accepted. Malformed entries are skipped (as Calico). Of a
 * reservation that cannot be decoded, which Calico skips, the readable entries still count, so that none is assigned by mistake.
 */
export function reservationsIn(view: View): ReservationsRead {
  const read = view.list(RESERVATIONS).map(decodeReservation);
  const cidrs = read.flatMap((each) => each.cidrs);
  return {
    reservations: {
      4: merged(cidrs.filter((cidr) => cidr.family === 4)),
      6: merged(cidrs.filter((cidr) => cidr.family === 6)),
    },
    unread: read.flatMap((each) => each.unread),
  };
}

/** All reserved spans that can be read. */
export const readReservations = (view: View): Reservations => reservationsIn(view).reservations;

interface Decoded {
  readonly cidrs: readonly Cidr[];
  readonly unread: readonly string[];
}

/** One reservation's networks, and why some of its entries are not used. */
export function decodeReservation({ ref, at, value }: Entry): Decoded {
  const problem = `IP reservation ${'name' in ref ? ref.name : at} is only partly used`;
  try {
    const resource = readerIn(problem, at, value, 'IPReservation');
    readMetadata(resource);
    const spec = resource.object('spec');
    const texts = spec.texts('reservedCIDRs').filter((text) => text.trim() !== '');
    const strange = texts.filter((text) => reservedCidr(text).length === 0);
    const unread = strange.map((text) => spec.refuse('reservedCIDRs', `${quote(text)} is not a network`).message);
    return { cidrs: texts.flatMap(reservedCidr), unread };
  } catch (thrown) {
    return { cidrs: legible(at, value).flatMap(reservedCidr), unread: [reasonOf(thrown)] };
  }
}

/** The strings in a malformed value that may be reserved CIDRs. */
function legible(at: string, value: string): readonly unknown[] {
  const listed = asObject(objectOrNothing(at, value)?.['spec'])?.['reservedCIDRs'];
  return Array.isArray(listed) ? listed : [listed];
}

export const isReserved = (reservations: Reservations, family: Family, address: bigint): boolean =>
  reservations[family].some((span) => span.from <= address && address < span.to);

/** Whether every address of the block is reserved, by one CIDR or by several together. */
export const whollyReserved = (reservations: Reservations, block: Cidr): boolean =>
  reservations[block.family].some((span) => span.from <= block.base && block.base + size(block) <= span.to);

/** How many addresses of a network are reserved. */
export function reservedWithin(reservations: Reservations, cidr: Cidr): bigint {
  const end = cidr.base + size(cidr);
  const inside = reservations[cidr.family].filter(({ from, to }) => from < end && to > cidr.base);
  const outside = (from: bigint, to: bigint) => (to > from ? to - from : 0n);
  return inside.reduce((sum, { from, to }) => sum + to - from - outside(from, cidr.base) - outside(end, to), 0n);
}

function reservedCidr(text: unknown): readonly Cidr[] {
  if (typeof text !== 'string') return [];
  const address = parseAddress(text.trim());
  const cidr = address === undefined ? parseCidr(text.trim()) : blockOf(address, addressBits(address.family));
  return cidr === undefined ? [] : [cidr];
}

/** Merges adjacent and overlapping spans, so that one span covers what several CIDRs cover together. */
function merged(cidrs: readonly Cidr[]): readonly Span[] {
  const spans = cidrs.map((cidr) => ({ from: cidr.base, to: cidr.base + size(cidr) }));
  const joined: Span[] = [];
  for (const span of spans.sort((a, b) => (a.from < b.from ? -1 : 1))) {
    const last = joined.at(-1);
    if (last === undefined || last.to < span.from) joined.push(span);
    else if (last.to < span.to) joined[joined.length - 1] = { from: last.from, to: span.to };
  }
  return joined;
}
