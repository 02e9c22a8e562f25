/** What one write of a commit is about, as far as that decides its place among the others. */
export type Subject =
  | {
      readonly about: 'affinity';
      readonly block: string;
      readonly gone: boolean;
      /** Its stored state; '' when it does not exist. */
      readonly stored: string;
    }
  /** `own`: the block belongs to the node that commits: before the write when it is deleted, otherwise after it. */
  | { readonly about: 'block'; readonly block: string; readonly gone: boolean; readonly own: boolean }
  /** `gives`: the handle holds fewer addresses afterwards, and in no block more. `shared`: other nodes look for its addresses too. */
  | { readonly about: 'handle'; readonly gives: boolean; readonly shared?: boolean }
  | { readonly about: 'endpoint'; readonly gone: boolean }
  | { readonly about: 'other' };

/** One write of one object: the change itself (`final`), or the state that an affinity goes through before it. */
export interface CommitStep<C extends Subject> {
  readonly change: C;
  readonly as: 'final' | 'pending' | 'pendingDeletion';
}

type Place<K> = (change: Extract<Subject, { about: K }>, all: readonly Subject[]) => number;
type Order = { readonly [K in Subject['about']]: Place<K> };

const blockOf = (block: string, all: readonly Subject[]) =>
  all.find((change) => change.about === 'block' && change.block === block);

/** An affinity is written once its block is; one without a block in the commit relies on what was read. */
const afterItsBlock =
  (place: Place<'block'>): Place<'affinity'> =>
  ({ block }, all) => {
    const its = blockOf(block, all);
    return its?.about === 'block' ? place(its, all) + 1 : 0;
  };

const hasSharedHandle = (all: readonly Subject[]) => all.some((change) => change.about === 'handle' && change.shared);

const takesForeign = (all: readonly Subject[]) =>
  all.some((change) => change.about === 'block' && !change.own && !change.gone);

const takenBlock: Place<'block'> = ({ own, gone }) => (own || gone ? 1 : 3);
/** ADD: an own block before the handle, another node's after it, and the endpoint once the blocks are written. */
const TAKING: Order = {
  other: () => 0,
  affinity: afterItsBlock(takenBlock),
  block: takenBlock,
  handle: ({ shared }) => (shared ? 0 : 2),
  endpoint: (_, all) => (takesForeign(all) ? 4 : 2),
};

const givenBlock: Place<'block'> = ({ own }, all) => (own && !hasSharedHandle(all) ? 3 : 1);
/**
 * DEL: the endpoint before any block, foreign blocks before the handle that leads to them, own blocks after it. Where no foreign
 * block comes between, the endpoint goes together with the handle: own blocks show what they hold without it.
 */
const GIVING: Order = {
  other: () => 0,
  affinity: afterItsBlock(givenBlock),
  block: givenBlock,
  handle: () => 2,
  endpoint: (_, all) => (all.some((change) => change.about === 'block' && !change.own) ? 0 : 2),
};

const isGiving = (change: Subject): boolean =>
  (change.about === 'handle' && change.gives) || (change.about === 'endpoint' && change.gone);

/** An ADD's, which may correct a handle that counted too much. */
const isPublishing = (change: Subject): boolean => change.about === 'endpoint' && !change.gone;

/**
 * The order in which a datastore without transactions writes a commit: the writes of a phase may go out together, and the next
 * phase begins when all of them are done. Whatever a kill leaves between two phases, a later ADD or DEL can repair:
 * - An address in an own block may lack its handle, which the node's blocks show; one in another node's block never does.
 * - A virtual machine's handle always leads to its addresses, from every node: it is written before any block, and deleted last.
 * - Any other handle never counts an address of an own block that the block does not hold.
 * - An owned block has an affinity, and an affinity is confirmed only when the block is known to be the node's.
 * - An endpoint exists only while its addresses are held.
 */
export function phasesOf<C extends Subject>(changes: readonly C[]): readonly (readonly CommitStep<C>[])[] {
  const order = changes.some(isGiving) && !changes.some(isPublishing) ? GIVING : TAKING;
  const placed = changes.flatMap((change) => [
    ...before(change, changes),
    { place: placeOf(order, change, changes), step: { change, as: 'final' as const } },
  ]);
  const places = [...new Set(placed.map(({ place }) => place))].sort((a, b) => a - b);
  return places.map((place) => placed.filter((each) => each.place === place).map(({ step }) => step));
}

function placeOf(order: Order, change: Subject, all: readonly Subject[]): number {
  switch (change.about) {
    case 'affinity':
      return order.affinity(change, all);
    case 'block':
      return order.block(change, all);
    case 'handle':
      return order.handle(change, all);
    case 'endpoint':
      return order.endpoint(change, all);
    default:
      return order.other(change, all);
  }
}

/** The state that announces what will happen to an affinity's block. */
function before<C extends Subject>(change: C, all: readonly Subject[]): { place: number; step: CommitStep<C> }[] {
  if (change.about !== 'affinity') return [];
  const its = blockOf(change.block, all);
  const as = change.gone ? ('pendingDeletion' as const) : ('pending' as const);
  if (its === undefined || change.stored === as) return [];
  return [{ place: 0, step: { change, as } }];
}
