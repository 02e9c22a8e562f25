import type { Query } from '../../shared/datastore/query.ts';
import type { Change, Outcome, Plan, View } from '../../shared/datastore/view.ts';
import { effectiveChange } from '../kinds/ipam-configuration.ts';
import type { Kind } from '../kinds/kind.ts';
import { alreadyExists, doesNotExist, refuseFaults, updateConflict } from '../resource/fault.ts';
import { type AnyResource, identifier, refOf } from '../resource/resource.ts';
import { requireAllowed, requireTier } from './allowed.ts';
import { currentIn, currentReads } from './current.ts';
import { created, merged, type Stamp } from './metadata.ts';
import { conflictReads, refuseConflicts } from './pool-conflicts.ts';
import { checked, encode } from './stored.ts';

/** How a resource is written: create only, replace only, or either. */
export type Manner = 'create' | 'replace' | 'apply';

export interface ResourceWrite {
  readonly manner: Manner;
  readonly kind: Kind;
  readonly given: AnyResource;
  readonly stamp: Stamp;
}

/** What the decision depends on. */
const reads = ({ kind, given }: ResourceWrite): readonly Query[] => [
  ...currentReads(kind, given.metadata),
  ...(kind.name === 'IPPool' ? conflictReads : []),
];

/** Decides how a resource is stored, and returns it as stored. Throws Refused. */
export function* write(request: ResourceWrite): Plan<Outcome<AnyResource>> {
  const { manner, kind, given } = request;
  requireAllowed(manner, kind, given.metadata);
  const view = yield reads(request);
  const ref = refOf(kind.name, given.metadata);
  const old = currentIn(view, kind, given.metadata);
  // Settings that are in force without a resource get one.
  const isNew = view.get(ref) === undefined && (old === undefined || manner === 'create');
  const next = old === undefined || isNew ? fresh(request, view) : changed(request, old);
  const guards = yield* requireTier(kind, next);
  return { changes: [{ ref, next: encode(kind, next) }, ...effects(kind, next)], guards, answer: next };
}

function fresh({ manner, kind, given, stamp }: ResourceWrite, view: View): AnyResource {
  if (manner === 'replace') throw doesNotExist(identifier(kind.name, given.metadata));
  const resource = checked(kind, given, undefined);
  if (kind.name === 'IPPool') refuseConflicts(view, resource);
  return { ...resource, metadata: created(resource.metadata, stamp) };
}

function changed({ manner, kind, given, stamp }: ResourceWrite, old: AnyResource): AnyResource {
  const id = identifier(kind.name, given.metadata);
  if (manner === 'create') {
    // Report first what cannot be stored, as the original does.
    checked(kind, given, undefined);
    throw alreadyExists(id);
  }
  requireVersion(given, old, id);
  const resource = checked(kind, given, old);
  return { ...resource, metadata: merged(old.metadata, resource.metadata, stamp) };
}

/** A given version must be the latest. */
function requireVersion(given: AnyResource, old: AnyResource, id: string): void {
  const asked = given.metadata.resourceVersion;
  if (!asked) return;
  if (!/^\d+$/.test(asked)) refuseFaults([{ field: 'ResourceVersion', value: asked }]);
  const latest = old.metadata.resourceVersion;
  if (asked === latest) return;
  throw updateConflict(
    id,
    `Resource version '${asked}' is out of date (latest: ${latest}). Update the resource YAML/JSON in order to make changes.`,
  );
}

/** What else is changed together with a resource. */
export const effects = (kind: Kind, { spec }: AnyResource): readonly Change[] =>
  kind.name === 'IPAMConfiguration' ? [effectiveChange(spec ?? {})] : [];
