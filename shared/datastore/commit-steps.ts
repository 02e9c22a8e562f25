import { stringifyJson } from '../calico/json.ts';
import { parseObject } from '../calico/stored.ts';
import type { Cidr } from '../net/cidr.ts';
import type { SeenChange } from './datastore.ts';
import { phasesOf, type Subject } from './phases.ts';
import { affinityRef, isSame, type Ref, textOf } from './ref.ts';

/** One write of one object during a commit: `next` is its value afterwards, undefined to delete it. */
export interface Write {
  readonly ref: Ref;
  readonly next: string | undefined;
  readonly change: SeenChange;
}

/** The value of an object before the commit; undefined when it did not exist, or was not read. */
export type ValueBefore = (ref: Ref) => string | undefined;

/**
 * The writes of a commit, phase by phase, for a datastore without transactions; `node` is the node that commits. Each write
 * compares its own object: with `change.seen`, or with what an earlier write of the same object left.
 */
export function commitSteps(
  changes: readonly SeenChange[],
  before: ValueBefore,
  node: string,
): readonly (readonly Write[])[] {
  // Only a block whose affinity has been found will be found again without a handle.
  const isOwn = (cidr: Cidr, owner: unknown): boolean => {
    const affinity = affinityRef(node, cidr);
    const isFound = before(affinity) !== undefined || changes.some(({ ref }) => isSame(ref, affinity));
    return owner === `host:${node}` && isFound;
  };
  const phases = phasesOf(changes.map((change) => ({ ...subjectOf(change, before(change.ref), isOwn), change })));
  return phases.map((phase) =>
    phase.map(({ change: { change }, as }) => ({
      ref: change.ref,
      next: as === 'final' ? change.next : stringifyJson({ state: as, deleted: false }),
      change,
    })),
  );
}

/** What a change is about, by its object and the value before it. */
function subjectOf(
  { ref, next }: SeenChange,
  before: string | undefined,
  isOwn: (cidr: Cidr, owner: unknown) => boolean,
): Subject {
  const gone = next === undefined;
  const read = (value: string | undefined) => (value === undefined ? {} : parseObject(textOf(ref), value));
  switch (ref.kind) {
    case 'affinity':
      return { about: 'affinity', block: ref.cidr.text, gone, stored: String(read(before)['state'] ?? '') };
    case 'block':
      return { about: 'block', block: ref.cidr.text, gone, own: isOwn(ref.cidr, read(next ?? before)['affinity']) };
    case 'handle':
      return { about: 'handle', gives: isFewer(read(next), read(before)), shared: ref.id.includes('.vmi.') };
    case 'WorkloadEndpoint':
      return { about: 'endpoint', gone };
    default:
      return { about: 'other' };
  }
}

type Handle = Readonly<Record<string, unknown>>;

/** How many addresses a handle holds in each block. */
const countsOf = (handle: Handle) => (handle['block'] ?? {}) as Readonly<Record<string, number>>;
const totalOf = (handle: Handle): number =>
  Object.values(countsOf(handle)).reduce((sum, count) => sum + Number(count), 0);

/** Whether a handle holds fewer addresses than before, and in no block more. */
function isFewer(handle: Handle, before: Handle): boolean {
  const was = countsOf(before);
  const isMore = ([cidr, count]: [string, number]) => Number(count) > Number(was[cidr] ?? 0);
  return totalOf(handle) < totalOf(before) && !Object.entries(countsOf(handle)).some(isMore);
}
