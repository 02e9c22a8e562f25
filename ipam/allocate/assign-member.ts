import { blockRef } from '../../shared/datastore/ref.ts';
import type { Outcome, Plan } from '../../shared/datastore/view.ts';
import { parseAddress } from '../../shared/net/address.ts';
import { ask } from '../block/ask.ts';
import type { Usable } from '../group/choice.ts';
import { type Portion, portionAt, portionOf, portionsOf } from '../group/stretch.ts';
import { assignFixed } from './fixed.ts';
import { lostBlocks } from './lost.ts';
import { freeMember, memberOfOrdinal, ownMember } from './member-choice.ts';
import { allTaken, beyondTheEnd, type FamilyOfGroup, familyOf } from './member-refusal.ts';
import type { Choosing } from './member-search.ts';
import type { Assignment, GroupWish } from './request.ts';

/** Most blocks read at once, and how often: a group of 1,000 members in blocks of 64 needs 16. */
const PAGE = 32;
const MOST_PAGES = 50;

/** The search for one family's member. */
interface Search extends FamilyOfGroup {
  /** What is looked at before all others: the ordinal's member, or those that the pod's name held last. */
  readonly special: readonly Portion[];
  readonly first: readonly Portion[];
  readonly rest: Generator<Portion, undefined>;
}

/**
 * Decides an ADD that wants a member of a group: the one it has, the one of its ordinal, the one its pod's name held last, or the
 * first that is free. The member is then assigned as a fixed address is, so a lost race decides again. Reads only blocks that hold
 * members, those of all families at once.
 */
export function* assignMember(choosing: Choosing): Plan<Outcome<Assignment>> {
  const { view, setting, wish, handle } = choosing;
  const searches = setting.request.families.map((family) => started(familyOf(setting, wish.group, family), wish));
  yield* ask(view, blocksOf(searches.flatMap(({ special, first }) => [...special, ...first])));
  const fixed: string[] = [];
  for (const search of searches) fixed.push(yield* memberFor(choosing, search));
  return yield* assignFixed(view, { ...setting, request: { ...setting.request, fixed } }, handle);
}

const blocksOf = (portions: readonly Portion[]) => portions.map(({ cidr }) => blockRef(cidr));

/** A pod with an ordinal needs one block. */
function started(each: FamilyOfGroup, { ordinal, last }: GroupWish): Search {
  const { family, stretches } = each;
  const rest = portionsOf(family, stretches);
  if (ordinal !== undefined) {
    const portion = portionAt(family, stretches, BigInt(ordinal));
    if (portion === undefined) throw beyondTheEnd(each, ordinal);
    return { ...each, special: [portion], first: [], rest };
  }
  const addresses = last.flatMap((text) => parseAddress(text) ?? []).filter((address) => address.family === family);
  const special = addresses.flatMap(({ value }) => portionOf(family, stretches, value) ?? []);
  return { ...each, special, first: nextPage(rest), rest };
}

/** The next portions, as far as they lie in PAGE blocks. */
function nextPage(rest: Generator<Portion, undefined>): readonly Portion[] {
  const portions: Portion[] = [];
  const blocks = new Set<string>();
  while (blocks.size < PAGE) {
    const { value } = rest.next();
    if (value === undefined) break;
    portions.push(value);
    blocks.add(value.cidr.text);
  }
  return portions;
}

function* memberFor(choosing: Choosing, search: Search): Plan<string> {
  const { special, first, rest } = search;
  const own = ownMember(choosing, search, [...special, ...first]);
  if (own !== undefined) return own;
  const { ordinal } = choosing.wish;
  const [itsOwn] = special;
  if (ordinal !== undefined && itsOwn !== undefined) return memberOfOrdinal(choosing, itsOwn, ordinal);
  const seen: Portion[] = [];
  let page = first;
  for (let pages = 1; page.length > 0 && pages <= MOST_PAGES; pages++) {
    yield* ask(choosing.view, blocksOf(page));
    seen.push(...page);
    const free = freeMember(choosing, special, page, yield* usableBlocks(choosing, page));
    if (free !== undefined) return free;
    page = nextPage(rest);
  }
  throw allTaken(choosing, search, seen);
}

/** Which blocks this node may use. Reads handles only when a block is missing that this node claims. */
function* usableBlocks({ view, setting }: Choosing, portions: readonly Portion[]): Plan<Usable> {
  const { request, affine, config } = setting;
  const texts = new Set(portions.map(({ cidr }) => cidr.text));
  const claims = affine.filter(({ cidr }) => texts.has(cidr.text));
  const lost = yield* lostBlocks(view, claims, request.handleID);
  return { node: request.node, strict: config.strict_affinity, lost };
}
