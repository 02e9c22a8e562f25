import type { Family } from '../../shared/net/address.ts';
import type { NetworkState } from '../state/network-state.ts';
import type { FamilyRouting } from './family-routing.ts';
import type { Routing } from './routing.ts';
import { addressOfNode, nameOf, type Session } from './session.ts';

/** So long a session may take until routes come by it: the other side learns of it, and then two seconds pass. */
export const ARRIVAL_MS = 8_000;

/** When each session of a routing was first wanted. */
export type Arrivals = ReadonlyMap<string, number>;

const sessionsOf = ({ families }: Routing): readonly Session[] => [...families[4].sessions, ...families[6].sessions];

export const arrivals = (before: Arrivals, wanted: Routing, now: number): Arrivals =>
  new Map(
    sessionsOf(wanted)
      .map(nameOf)
      .map((name) => [name, before.get(name) ?? now]),
  );

/** Whether a session is so new that routes may not have come by it yet. */
export const isArriving = (since: Arrivals, now: number): boolean =>
  [...since.values()].some((each) => now - each < ARRIVAL_MS);

/**
 * What is wanted, with the sessions from before that are wanted no longer, as far as they are with addresses that nodes still have
 * and no other session is with: routes come by them until those of new sessions are there.
 */
export function withLeaving(before: Routing, wanted: Routing, state: NetworkState): Routing {
  const four = withLeavingOf(4, before, wanted, state);
  const six = withLeavingOf(6, before, wanted, state);
  const isSame = four === wanted.families[4] && six === wanted.families[6];
  return isSame ? wanted : { ...wanted, families: { 4: four, 6: six } };
}

function withLeavingOf(family: Family, before: Routing, wanted: Routing, state: NetworkState): FamilyRouting {
  const next = wanted.families[family];
  const taken = new Set(next.sessions.map(({ address }) => address.text));
  const ofNodes = new Set([...state.nodes.values()].map((node) => addressOfNode(node, family)?.text));
  const leaving = before.families[family].sessions.filter(
    ({ address }) => ofNodes.has(address.text) && !taken.has(address.text),
  );
  if (leaving.length === 0) return next;
  const filters = new Map([...before.families[family].filters, ...next.filters]);
  return { ...next, sessions: [...next.sessions, ...leaving], filters };
}
