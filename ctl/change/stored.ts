import { malformed, parseJson, stringifyJson } from '../../shared/calico/json.ts';
import type { Entry } from '../../shared/datastore/query.ts';
import type { Kind } from '../kinds/kind.ts';
import type { Rules } from '../kinds/rules.ts';
import { plain } from '../resource/bare.ts';
import { type Fault, refuseFaults } from '../resource/fault.ts';
import { type AnyResource, API_VERSION, type Fields } from '../resource/resource.ts';
import { objectOf, ownField } from '../resource/shape.ts';
import { read } from '../schema/read.ts';
import { same } from '../schema/same.ts';
import { inOrder, withDefaults } from '../schema/stored.ts';
import { metadataFaults, readMetadata, storable } from './metadata.ts';

/** Reads a stored resource: sets its version, and fills in what the original fills in on reading. An error names where it is stored. */
export function decode(kind: Kind, { at, value, version }: Entry): AnyResource {
  const fields = objectOf(parseJson(at, value));
  const metadata = objectOf(fields?.['metadata']);
  if (fields === undefined || metadata === undefined) {
    throw malformed(at, value, 'no resource');
  }
  const { spec: given = null, metadata: _, ...others } = fields;
  const spec = objectOf(given);
  if (spec === undefined && given !== null) throw malformed(at, value, 'spec is not an object');
  const { name, namespace, uid, ...rest } = metadata;
  const versioned = { name, namespace, uid, resourceVersion: version, ...rest };
  const present = Object.fromEntries(Object.entries(versioned).filter(([, field]) => field !== undefined));
  const head = { kind: kind.name, apiVersion: API_VERSION };
  const resource = { ...head, metadata: present, ...(spec && { spec }), ...others } as unknown as AnyResource;
  return kind.rules?.shown?.(resource) ?? resource;
}

/** The resource completed and checked; throws Refused. `old` is what it replaces. */
export function checked(kind: Kind, given: AnyResource, old: AnyResource | undefined): AnyResource {
  const { rules } = kind;
  const { metadata, faults } = readMetadata(given.metadata, old?.metadata);
  refuseFaults(faults.length > 0 ? faults : metadataFaults(metadata));
  if (rules === undefined) return { ...given, metadata };
  const spec = read(rules.spec, 'spec', given.spec ?? {}, old?.spec);
  const status = rules.status && read(rules.status, 'status', given['status'] ?? rules.status.default, old?.['status']);
  refuseFaults([...unknownFields(rules, given, old), ...spec.faults, ...(status?.faults ?? [])]);
  const resource = { ...given, metadata, spec: completed(rules, spec.value as Fields) };
  refuseFaults(rules.faults?.(resource, old) ?? []);
  return status?.value === undefined ? resource : { ...resource, status: status.value };
}

/** A well-formed spec with all defaults filled in. */
const completed = (rules: Rules, spec: Fields): Fields => withDefaults(rules.spec, rules.complete?.(spec) ?? spec);

function unknownFields(rules: Rules, given: AnyResource, old: AnyResource | undefined): readonly Fault[] {
  const known = ['kind', 'apiVersion', 'metadata', 'spec', ...(rules.status === undefined ? [] : ['status'])];
  const unknown = Object.keys(given).filter((field) => !known.includes(field));
  return unknown
    .filter((field) => old === undefined || !same(plain(given[field]), ownField(old, field) ?? null))
    .map((field) => ({ field, reason: `unknown field "${field}"` }));
}

/** The JSON to store. A kind with a schema has the original's order of fields; others are stored as given. */
export function encode(kind: Kind, resource: AnyResource): string {
  const { rules } = kind;
  const { kind: _kind, apiVersion, metadata, spec, status, ...others } = rules?.stored?.(resource) ?? resource;
  const head = { kind: kind.name, apiVersion, metadata: storable(metadata) };
  if (rules === undefined) return stringifyJson({ ...head, spec: spec ?? {}, status, ...others });
  return stringifyJson({ ...head, spec: inOrder(rules.spec, spec ?? {}), status, ...others });
}
