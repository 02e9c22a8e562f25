import type { SeenChange } from '../datastore/datastore.ts';
import type { AffinityRef, BlockRef, Ref } from '../datastore/ref.ts';
import { withBlocks, withoutBlocks } from './containers.ts';
import type { Hint, PassedBlock } from './hint.ts';
import { isNewer } from './sequence.ts';

/** What a call knows after a commit. */
export interface Learning {
  readonly cluster: string;
  readonly node: string;
  /** The blocks that the node claimed when the call read that; undefined: it has not. */
  readonly own: readonly string[] | undefined;
  readonly changes: readonly SeenChange[];
  /** A block as this call has written it, for other calls. */
  readonly passOn: (ref: BlockRef) => string | undefined;
  /** What no other commit has. */
  readonly mark: string;
}

/** Most of the node's own blocks that are noted: its limit is 20 unless configured. */
const MOST_OWN = 32;
/** Most blocks passed on: a call writes one per family. */
const MOST_PASSED = 4;
/** Longest text of a block passed on. A block of 64 addresses has 20 KB. None has more than one line. */
const LONGEST = 48 << 10;

/** The hint after a commit; undefined when that gives the next call nothing to know. */
export function learnt(before: Hint | undefined, learning: Learning): Hint | undefined {
  const { cluster, node, changes, mark } = learning;
  const isReshaping = changes.some((change) => !keepsShape(change));
  if (!isReshaping && !changes.some(isOfBlock)) return undefined;
  const known = before?.cluster === cluster && before.node === node ? before : undefined;
  return {
    cluster,
    node,
    shape: isReshaping || known === undefined ? mark : known.shape,
    own: ownAfter(learning.own ?? known?.own ?? [], learning),
    passed: passedAfter(known?.passed ?? [], learning),
    containers: containersAfter(known?.containers ?? '', changes),
  };
}

const isOfBlock = ({ ref }: SeenChange): boolean => ref.kind === 'block';

/** Whether a change is one of the usual ones: an address in an existing block, its handle, and the endpoint. */
function keepsShape({ ref, next, seen }: SeenChange): boolean {
  if (ref.kind === 'block') return next !== undefined && seen !== undefined;
  return ref.kind === 'handle' || ref.kind === 'WorkloadEndpoint';
}

function ownAfter(read: readonly string[], { changes, node }: Learning): readonly string[] {
  const own = new Set(read);
  for (const { ref, next } of changes) {
    if (!isOwnAffinity(ref, node)) continue;
    if (next === undefined) own.delete(ref.cidr.text);
    else own.add(ref.cidr.text);
  }
  return [...own].slice(-MOST_OWN);
}

const isOwnAffinity = (ref: Ref, node: string): ref is AffinityRef =>
  ref.kind === 'affinity' && ref.type === 'host' && ref.node === node;

/** The blocks of this commit, then those of earlier ones. Of one block the later writing counts: calls may end out of order. */
function passedAfter(before: readonly PassedBlock[], { changes, passOn }: Learning): readonly PassedBlock[] {
  const written = changes.flatMap(({ ref, next }): readonly PassedBlock[] => {
    const text = ref.kind === 'block' && next !== undefined ? passOn(ref) : undefined;
    if (ref.kind !== 'block' || text === undefined || text.length > LONGEST) return [];
    const other = before.find(({ cidr }) => cidr === ref.cidr.text);
    return [other !== undefined && isNewer(other.text, text) ? other : { cidr: ref.cidr.text, text }];
  });
  const changed = new Set(changes.flatMap(({ ref }) => (ref.kind === 'block' ? ref.cidr.text : [])));
  return [...written, ...before.filter(({ cidr }) => !changed.has(cidr))].slice(0, MOST_PASSED);
}

/** A handle that is written has addresses in the commit's blocks, one that is deleted has none. A new one is not noted yet. */
function containersAfter(before: string, changes: readonly SeenChange[]): string {
  const blocks = changes.flatMap(({ ref, next }) => (ref.kind === 'block' && next !== undefined ? ref.cidr.text : []));
  return changes.reduce((text, { ref, next, seen }) => {
    if (ref.kind !== 'handle') return text;
    const others = seen === undefined ? text : withoutBlocks(text, ref.id);
    return next === undefined ? others : withBlocks(others, ref.id, blocks);
  }, before);
}
