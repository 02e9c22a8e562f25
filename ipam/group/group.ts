import type { Span } from '../../shared/datastore/query.ts';
import { addressText, type Family } from '../../shared/net/address.ts';

/** A fixed address group: each family's members as spans, in the order of the list. No address is in it twice. */
export interface Group {
  readonly members: Readonly<Record<Family, readonly Span[]>>;
  /** Where it was given, for messages: `annotation cni.projectcalico.org/ipGroup of the pod`. */
  readonly from: string;
}

/** How many members these spans have. Spans are never listed out: an IPv6 one may have 2^64. */
export const memberCount = (spans: readonly Span[]): bigint => spans.reduce((sum, { from, to }) => sum + to - from, 0n);

/** The number of a member, from 0 in the order of the list; undefined for an address that is none. */
export function memberNumber(spans: readonly Span[], value: bigint): bigint | undefined {
  let before = 0n;
  for (const { from, to } of spans) {
    if (from <= value && value < to) return before + value - from;
    before += to - from;
  }
  return undefined;
}

/** The member with this number; undefined beyond the end of the list. */
export function memberAt(spans: readonly Span[], number: bigint): bigint | undefined {
  let left = number;
  for (const { from, to } of spans) {
    if (left < to - from) return from + left;
    left -= to - from;
  }
  return undefined;
}

/** A span as a user would write it. */
export function spanText(family: Family, { from, to }: Span): string {
  const first = addressText(family, from);
  return to - from === 1n ? first : `${first}-${addressText(family, to - 1n)}`;
}
