import type { Datastore, SeenChange } from '../datastore/datastore.ts';
import type { Entry } from '../datastore/query.ts';
import { type BlockRef, textOf } from '../datastore/ref.ts';
import { keyOf } from './keys.ts';
import { entryOf } from './search.ts';

/** The blocks that a call has written, as texts for other calls: the revision, a space and the value. */
export interface PassedBlocks extends Required<Pick<Datastore, 'passOn' | 'takeOver'>> {
  /** Notes what a commit has written, and at which revision. */
  written(changes: readonly SeenChange[], revision: number): void;
}

export function openPassedBlocks(): PassedBlocks {
  const texts = new Map<string, string>();
  return {
    written(changes, revision) {
      for (const { ref, next } of changes) {
        if (ref.kind !== 'block') continue;
        if (next === undefined || revision <= 0) texts.delete(textOf(ref));
        else texts.set(textOf(ref), `${revision} ${next}`);
      }
    },
    passOn: (ref) => texts.get(textOf(ref)),
    takeOver,
  };
}

function takeOver(ref: BlockRef, text: string): Entry | undefined {
  const space = text.indexOf(' ');
  const revision = Number(text.slice(0, Math.max(space, 0)));
  if (!Number.isSafeInteger(revision) || revision <= 0) return undefined;
  return entryOf(ref, { key: keyOf(ref), value: text.slice(space + 1), modRevision: revision });
}
