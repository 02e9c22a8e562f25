import { stringifyJson } from '../../shared/calico/json.ts';
import { handleKey, parseAffinityKey, parseBlockKey } from '../../shared/calico/keys.ts';
import { parseObject } from '../../shared/calico/stored.ts';
import { type Change, phasesOf } from '../../shared/datastore/phases.ts';
import type { CommitResult, Compare } from '../../shared/datastore/store.ts';
import type { Write } from '../../shared/datastore/view.ts';
import type { FakeStore } from './fake-store.ts';

/** How a commit goes in that writes one object after the other. */
export interface Stepwise {
  /** Whose blocks are its own. */
  readonly node: string;
  /** The writes of a phase go out together: the last may be in before the first. */
  readonly reversed?: boolean;
}

type Meant = Change & { readonly write: Write };

/**
 * A commit without a transaction, as against the Kubernetes API: guards are looked at before the first write and not again;
 * every write compares its own object only; a phase that loses a race is the last.
 */
export async function commitStepwise(
  store: FakeStore,
  { node, reversed = false }: Stepwise,
  compares: readonly Compare[],
  writes: readonly Write[],
  beside: (step: string, work: () => boolean) => Promise<boolean>,
): Promise<CommitResult> {
  const seen = new Map(compares.map(({ key, modRevision }) => [key, modRevision]));
  const isAsSeen = (key: string) => (store.get(key)?.modRevision ?? 0) === seen.get(key);
  const lost = () => ({ done: false as const, fresh: compares.flatMap(({ key }) => store.get(key) ?? []) });
  if (!compares.every(({ key }) => isAsSeen(key))) return lost();
  for (const phase of phasesOf(writes.map((write) => meaningOf(store, node, write)))) {
    const won: boolean[] = [];
    for (const { change, as } of reversed ? phase.toReversed() : phase) {
      const { key } = change.write;
      const value = as === 'final' ? change.write.value : stringifyJson({ state: as, deleted: false });
      const put = () => {
        const { done } = store.commit([{ key, modRevision: seen.get(key) ?? 0 }], [{ key, value }]);
        if (done) seen.set(key, store.get(key)?.modRevision ?? 0);
        return done;
      };
      won.push(await beside(`write ${key}`, put));
    }
    if (won.includes(false)) return lost();
  }
  return { done: true };
}

/** What a write is about, by its key and by what is stored there. */
function meaningOf(store: FakeStore, node: string, write: Write): Meant {
  const { key, value } = write;
  const stored = store.get(key)?.value;
  const gone = value === undefined;
  const affinity = parseAffinityKey(key);
  if (affinity !== undefined) {
    const state = String(objectOf(key, stored)['state'] ?? '');
    return { about: 'affinity', block: affinity.cidr.text, gone, stored: state, write };
  }
  const block = parseBlockKey(key);
  if (block !== undefined) {
    const own = objectOf(key, value ?? stored)['affinity'] === `host:${node}`;
    return { about: 'block', block: block.text, gone, own, write };
  }
  if (key.startsWith(handleKey(''))) {
    return { about: 'handle', gives: countOf(key, value) < countOf(key, stored), write };
  }
  if (key.includes('/workloadendpoints/')) return { about: 'endpoint', gone, write };
  return { about: 'other', write };
}

const objectOf = (key: string, value: string | undefined): Readonly<Record<string, unknown>> =>
  value === undefined ? {} : parseObject(key, value);

/** The addresses that a handle counts. */
const countOf = (key: string, value: string | undefined): number =>
  Object.values((objectOf(key, value)['block'] ?? {}) as Record<string, number>).reduce(
    (sum, count) => sum + Number(count),
    0,
  );
