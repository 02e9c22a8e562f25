import type { Query } from '../datastore/query.ts';
import { type BlockRef, blockRef, textOf } from '../datastore/ref.ts';
import { parseCidr } from '../net/cidr.ts';
import { blocksOf } from './containers.ts';
import type { Hint } from './hint.ts';

/** Most blocks read early. */
const MOST = 32;

/**
 * The blocks that a plan will ask for next, judging by its first queries. One that assigns addresses reads reservations: it needs the
 * node's own. One that releases them needs those of its handles, and where commits are not transactions the node's own as well.
 */
export function guesses(
  { own, containers }: Hint,
  queries: readonly Query[],
  isTransactional: boolean,
): readonly BlockRef[] {
  const isAssigning = queries.some((query) => 'all' in query && query.all === 'IPReservation');
  const held = isAssigning ? [] : queries.flatMap((query) => heldIn(containers, query));
  const texts = [...held, ...(isAssigning || !isTransactional ? own : [])].slice(0, MOST);
  const refs = texts.flatMap((text) => parseCidr(text) ?? []).map(blockRef);
  const distinct = new Map(refs.map((ref) => [textOf(ref), ref]));
  for (const query of queries) if ('get' in query) distinct.delete(textOf(query.get));
  return [...distinct.values()];
}

const heldIn = (containers: string, query: Query): readonly string[] =>
  'get' in query && query.get.kind === 'handle' ? blocksOf(containers, query.get.id) : [];
