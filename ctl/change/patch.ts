import type { Outcome, Plan } from '../../shared/datastore/view.ts';
import { failure } from '../../shared/error/failure.ts';
import type { Kind } from '../kinds/kind.ts';
import { doesNotExist } from '../resource/fault.ts';
import { type AnyResource, type Fields, identifier, type Named, refOf } from '../resource/resource.ts';
import { objectOf } from '../resource/shape.ts';
import { requireAllowed, requireTier } from './allowed.ts';
import { current } from './current.ts';
import { created, type Stamp } from './metadata.ts';
import { checked, encode } from './stored.ts';
import { effects } from './write.ts';

/** Decides how a resource is changed by a merge patch (RFC 7386). Throws Refused. */
export function* patch(kind: Kind, named: Named, wanted: Fields, stamp: Stamp): Plan<Outcome<AnyResource>> {
  requireAllowed('patch', kind, named);
  const old = yield* current(kind, named);
  if (old === undefined) throw doesNotExist(identifier(kind.name, named));
  const next = checked(kind, patched(old, wanted, stamp), old);
  const guards = yield* requireTier(kind, next);
  const change = { ref: refOf(kind.name, named), next: encode(kind, next) };
  return { changes: [change, ...effects(kind, next)], guards, answer: next };
}

/** Of metadata only labels and annotations can be changed. */
function patched(old: AnyResource, change: Fields, stamp: Stamp): AnyResource {
  const base = old.metadata.uid === undefined ? created(old.metadata, stamp) : old.metadata;
  const { metadata, kind, apiVersion, ...others } = change;
  if ((kind ?? old.kind) !== old.kind || (apiVersion ?? old.apiVersion) !== old.apiVersion) {
    throw failure('a patch cannot change kind or apiVersion');
  }
  const { labels, annotations } = objectOf(metadata) ?? {};
  const meta = merge(base, {
    ...(labels !== undefined && { labels }),
    ...(annotations !== undefined && { annotations }),
  });
  return { ...(merge(old, others) as AnyResource), metadata: meta as AnyResource['metadata'] };
}

/** RFC 7386: objects are merged, null removes a field, anything else replaces it. */
function merge(target: unknown, change: unknown): unknown {
  const changes = objectOf(change);
  if (changes === undefined) return change;
  const fields = new Map(Object.entries(objectOf(target) ?? {}));
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) fields.delete(name);
    else fields.set(name, merge(fields.get(name), value));
  }
  return Object.fromEntries(fields);
}
