import { malformed, parseJson, stringifyJson } from '../../shared/calico/json.ts';
import type { Entry } from '../../shared/etcd/view.ts';
import { refuseFaults } from './fault.ts';
import type { Kind } from './kind.ts';
import { metadataFaults, storable } from './metadata.ts';
import { type AnyResource, API_VERSION, type Fields } from './resource.ts';
import { objectOf, shapeFaults, stored } from './shape.ts';

/** A stored resource, its version set, defaults filled in as the original does on reading. Throws naming the key. */
export function decode(kind: Kind, { key, value, modRevision }: Entry): AnyResource {
  const fields = objectOf(parseJson(key, value));
  const metadata = objectOf(fields?.['metadata']);
  if (fields === undefined || metadata === undefined) {
    throw malformed(key, value, 'no resource');
  }
  const { name, namespace, uid, ...others } = metadata;
  const version = { name, namespace, uid, resourceVersion: String(modRevision), ...others };
  const present = Object.fromEntries(Object.entries(version).filter(([, field]) => field !== undefined));
  const head = { kind: kind.name, apiVersion: API_VERSION };
  const resource = { ...head, ...fields, metadata: present } as unknown as AnyResource;
  const spec = objectOf(fields['spec']);
  if (kind.name !== 'IPPool' || spec === undefined || kind.rules?.complete === undefined) return resource;
  return { ...resource, spec: stored(kind.rules.complete(spec), kind.rules.shape) };
}

/** The resource completed and checked, as far as its kind is; throws Refused. */
export function checked(kind: Kind, given: AnyResource, old: AnyResource | undefined): AnyResource {
  const { rules } = kind;
  const shape = [...metadataFaults(given.metadata), ...topFaults(kind, given)];
  if (rules !== undefined) shape.push(...shapeFaults('spec', given.spec, rules.shape));
  refuseFaults(shape);
  if (rules === undefined) return given;
  const spec = withoutNulls(given.spec ?? {});
  const resource = { ...given, spec: rules.complete?.(spec) ?? spec };
  refuseFaults(rules.faults(resource, old));
  return resource;
}

function topFaults(kind: Kind, given: AnyResource) {
  const known = ['kind', 'apiVersion', 'metadata', 'spec', 'status'];
  if (kind.rules === undefined) return [];
  const unknown = Object.keys(given).filter((field) => !known.includes(field));
  return [
    ...unknown.map((field) => ({ field, reason: `unknown field "${field}"` })),
    ...shapeFaults('status', given['status'], kind.rules.status ?? 'any'),
  ];
}

const withoutNulls = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));

/** The JSON to store: of a checked kind in the original's order of fields, else as given. */
export function encode(kind: Kind, resource: AnyResource): string {
  const { kind: _kind, apiVersion, metadata, spec, status, ...others } = resource;
  const head = { kind: kind.name, apiVersion, metadata: storable(metadata) };
  const { rules } = kind;
  if (rules === undefined) return stringifyJson({ ...head, spec: spec ?? {}, status, ...others });
  const state = rules.status === undefined ? status : (status ?? {});
  return stringifyJson({ ...head, spec: stored(spec ?? {}, rules.shape), status: state });
}
