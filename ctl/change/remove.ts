import type { Change, Outcome, Plan } from '../../shared/datastore/view.ts';
import { effectiveChange } from '../kinds/ipam-configuration.ts';
import type { Kind } from '../kinds/kind.ts';
import { doesNotExist, updateConflict } from '../resource/fault.ts';
import { type AnyResource, identifier, type Named, refOf } from '../resource/resource.ts';
import { requireAllowed, requireEmptyTier } from './allowed.ts';
import { current } from './current.ts';
import { encode } from './stored.ts';

/** Throws for a kind that users cannot delete. */
export const requireDeletable = (kind: Kind): void => requireAllowed('delete', kind, { name: '' });

/** Decides how a resource is deleted. A given version must be the latest. Throws Refused. */
export function* remove(kind: Kind, named: Named, version?: string): Plan<Outcome<AnyResource>> {
  requireAllowed('delete', kind, named);
  if (kind.name === 'Tier') yield* requireEmptyTier(named.name);
  const old = yield* existing(kind, named, version);
  const effects: readonly Change[] = kind.name === 'IPAMConfiguration' ? [effectiveChange(undefined)] : [];
  return { changes: [{ ref: refOf(kind.name, named), next: undefined }, ...effects], answer: old };
}

/** Decides how a pool is disabled, so that nothing is allocated from it while it is being deleted. */
export function* disable(kind: Kind, named: Named, version?: string): Plan<Outcome<AnyResource>> {
  const old = yield* existing(kind, named, version);
  if (old.spec?.['disabled'] === true) return { changes: [], answer: old };
  const disabled = { ...old, spec: { ...old.spec, disabled: true } };
  return { changes: [{ ref: refOf(kind.name, named), next: encode(kind, disabled) }], answer: disabled };
}

function* existing(kind: Kind, named: Named, version: string | undefined): Plan<AnyResource> {
  const old = yield* current(kind, named);
  if (old === undefined) throw doesNotExist(identifier(kind.name, named));
  const latest = old.metadata.resourceVersion;
  if (version === undefined || version === latest) return old;
  throw updateConflict(
    identifier(kind.name, named),
    `Resource version '${version}' is out of date (latest: ${latest}).`,
  );
}
