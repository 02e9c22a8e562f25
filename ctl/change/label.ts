import type { Outcome, Plan } from '../../shared/datastore/view.ts';
import { failure } from '../../shared/error/failure.ts';
import type { Kind } from '../kinds/kind.ts';
import { doesNotExist } from '../resource/fault.ts';
import { identifier, type Named } from '../resource/resource.ts';
import { current } from './current.ts';
import type { Stamp } from './metadata.ts';
import { patch } from './patch.ts';

/** A label to set, or with an undefined value to remove. */
export interface LabelAsked {
  readonly key: string;
  readonly value: string | undefined;
  /** Whether another value may be replaced. */
  readonly overwrite: boolean;
}

/** Decides how a label is set or removed; answers what was done, in the original's words. Throws Refused, or a Failure. */
export function* label(
  kind: Kind,
  named: Named,
  { key, value, overwrite }: LabelAsked,
  stamp: Stamp,
): Plan<Outcome<string>> {
  const old = yield* current(kind, named);
  if (old === undefined) throw doesNotExist(identifier(kind.name, named));
  const what = `${kind.name} ${named.name}`;
  const before = old.metadata.labels?.[key];
  if (value === undefined && before === undefined)
    throw failure(`can not remove label of ${what}, key ${key} does not exist`);
  if (value !== undefined && before !== undefined && before !== value && !overwrite)
    throw failure(
      `failed to update label of ${what}, key ${key} is already present. please use '--overwrite' to override existing value`,
    );
  const { changes, guards = [] } = yield* patch(kind, named, { metadata: { labels: { [key]: value ?? null } } }, stamp);
  const done = value === undefined ? 'removed' : before === undefined ? 'set' : 'updated';
  return { changes, guards, answer: `Successfully ${done} label ${key} ${done === 'removed' ? 'from' : 'on'} ${what}` };
}
