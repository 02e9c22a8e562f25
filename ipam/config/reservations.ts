import { asObject, objectOrNothing, readerIn, readMetadata, reasonOf } from '../../shared/calico/stored.ts';
import { quote } from '../../shared/cni/quote.ts';
import { type Entry, RESERVATIONS, type Span } from '../../shared/datastore/query.ts';
import type { View } from '../../shared/datastore/view.ts';
import { addressBits, type Family, parseAddress } from '../../shared/net/address.ts';
import { blockOf, type Cidr, parseCidr, size } from '../../shared/net/cidr.ts';

/** Addresses set aside by IPReservations: disjoint spans [from, to) in ascending order. */
export type Reservations = Readonly<Record<Family, readonly Span[]>>;

/** What is reserved, and why some of it is not. */
export interface ReservationsRead {
  readonly reservations: Reservations;
  readonly unread: readonly string[];
}

/**
 * All reserved CIDRs; bare addresses and host bits are accepted. Malformed entries are passed over, as in Calico; of a reservation
 * that cannot be read as a whole, which Calico passes over, what can be read counts all the same: no address may be given by mistake.
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

/** What can be read of the reservations. */
export const readReservations = (view: View): Reservations => reservationsIn(view).reservations;

interface Decoded {
  readonly cidrs: readonly Cidr[];
  readonly unread: readonly string[];
}

/** One reservation's networks, and what of it cannot be read. */
export function decodeReservation({ ref, at, value }: Entry): Decoded {
  const problem = `IP reservation ${'name' in ref ? ref.name : at} counts in part only`;
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

/** What may be meant as reserved in a value that is not as it should be. */
function legible(at: string, value: string): readonly unknown[] {
  const listed = asObject(objectOrNothing(at, value)?.['spec'])?.['reservedCIDRs'];
  return Array.isArray(listed) ? listed : [listed];
}

export const isReserved = (reservations: Reservations, family: Family, address: bigint): boolean =>
  reservations[family].some((span) => span.from <= address && address < span.to);

/** Whether no address of the block is left, by one CIDR or by several together. */
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

/** Neighbours and overlaps joined, so that one span covers what several CIDRs fill together. */
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
