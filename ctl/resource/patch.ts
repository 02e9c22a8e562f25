import { failure } from '../../shared/cni/error.ts';
import { type Outcome, one, type Plan } from '../../shared/etcd/view.ts';
import { doesNotExist, unsupported } from './fault.ts';
import { effectiveWrite } from './ipam-configuration.ts';
import type { Kind } from './kind.ts';
import { type AnyResource, type Fields, identifier, keyOf, type Named } from './resource.ts';
import { objectOf } from './shape.ts';
import { checked, decode, encode } from './stored.ts';

/** Decides how a resource is changed by a merge patch (RFC 7386). Throws Refused. */
export function* patch(kind: Kind, named: Named, change: Fields): Plan<Outcome<AnyResource>> {
  if (kind.readOnly !== undefined) throw unsupported('patch', kind.name, kind.readOnly);
  const key = keyOf(kind.plural, named);
  const view = yield [one(key)];
  const entry = view.get(key);
  if (entry === undefined) throw doesNotExist(identifier(kind.name, named));
  const old = decode(kind, entry);
  const next = checked(kind, patched(old, change), old);
  const effects = kind.name === 'IPAMConfiguration' ? [effectiveWrite(next.spec ?? {})] : [];
  return { writes: [{ key, value: encode(kind, next) }, ...effects], answer: next };
}

/** Of metadata only labels and annotations can be changed. */
function patched(old: AnyResource, change: Fields): AnyResource {
  const { metadata, kind, apiVersion, ...others } = change;
  if ((kind ?? old.kind) !== old.kind || (apiVersion ?? old.apiVersion) !== old.apiVersion) {
    throw failure('a patch cannot change kind or apiVersion');
  }
  const { labels, annotations } = objectOf(metadata) ?? {};
  const meta = merge(old.metadata, {
    ...(labels !== undefined && { labels }),
    ...(annotations !== undefined && { annotations }),
  });
  return { ...(merge(old, others) as AnyResource), metadata: meta as AnyResource['metadata'] };
}

/** RFC 7386: objects are merged, null takes a field away, anything else replaces. */
export function merge(target: unknown, change: unknown): unknown {
  const changes = objectOf(change);
  if (changes === undefined) return change;
  const fields = new Map(Object.entries(objectOf(target) ?? {}));
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) fields.delete(name);
    else fields.set(name, merge(fields.get(name), value));
  }
  return Object.fromEntries(fields);
}
