import { commitSteps } from '../../../shared/datastore/commit-steps.ts';
import type { CommitResult, Datastore, Guard, SeenChange } from '../../../shared/datastore/datastore.ts';
import type { Version } from '../../../shared/datastore/query.ts';
import { type Ref, textOf } from '../../../shared/datastore/ref.ts';
import { keyOf } from '../../../shared/etcd/keys.ts';
import type { FakeStore } from './fake-store.ts';

/** How a commit is carried out that writes one object after the other. */
export interface Stepwise {
  /** The node whose call it is. */
  readonly node: string;
  /** The writes of a phase are sent together, so the last may take effect before the first. */
  readonly reversed?: boolean;
}

/** What a stepwise commit writes to: the store, and a datastore over it that writes single objects. */
export interface StepwiseTarget {
  readonly store: FakeStore;
  readonly commit: Datastore['commit'];
}

/**
 * A commit without a transaction, as with the Kubernetes API: guards are compared once, before the first write. Every write
 * compares only its own object. A phase that loses a race is the last.
 */
export async function commitStepwise(
  { store, commit }: StepwiseTarget,
  { node, reversed = false }: Stepwise,
  changes: readonly SeenChange[],
  guards: readonly Guard[],
  beside: (step: string, work: () => Promise<boolean>) => Promise<boolean>,
): Promise<CommitResult> {
  const all = [...changes, ...guards];
  const version = (ref: Ref): Version | undefined => store.get(keyOf(ref))?.modRevision.toString();
  const lost = () => ({ done: false as const, fresh: all.flatMap(({ ref }) => entryAt(store, ref)) });
  if (!all.every(({ ref, seen }) => version(ref) === seen)) return lost();
  const seen = new Map(all.map((each) => [textOf(each.ref), each.seen]));
  for (const phase of commitSteps(changes, (ref) => store.get(keyOf(ref))?.value, node)) {
    const won: boolean[] = [];
    for (const { ref, next } of reversed ? phase.toReversed() : phase) {
      const write = async () => {
        const { done } = await commit([{ ref, next, seen: seen.get(textOf(ref)) }], [], 0);
        if (done) seen.set(textOf(ref), version(ref));
        return done;
      };
      won.push(await beside(`write ${keyOf(ref)}`, write));
    }
    if (won.includes(false)) return lost();
  }
  return { done: true };
}

function entryAt(store: FakeStore, ref: Ref) {
  const found = store.get(keyOf(ref));
  return found === undefined ? [] : [{ ref, at: found.key, value: found.value, version: String(found.modRevision) }];
}
