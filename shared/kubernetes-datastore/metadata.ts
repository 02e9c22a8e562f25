import { stringifyJson } from '../calico/json.ts';
import { asObject } from '../calico/stored.ts';
import type { ApiGroup } from './api-group.ts';
import { calicoUid } from './calico-uid.ts';
import type { ApiObject } from './resource-access.ts';

/** In v1 an annotation holds the metadata of Calico's model, as the API server manages its own. */
const ANNOTATION = 'projectcalico.org/metadata';

/** Fields that the server manages, or that are passed separately. */
const OWN_FIELDS = ['managedFields', 'resourceVersion', 'selfLink', 'generation', 'deletionTimestamp'];
/** Fields of Calico's metadata that the annotation omits. */
const NAMING = ['name', 'namespace', 'uid', 'resourceVersion'];

const without = (fields: ApiObject, names: readonly string[]): ApiObject =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));

/** Who has written which field, left out when reading: as long as the rest of most objects. */
export const MANAGED = { metadata: { managedFields: true } } as const;

export const metadataOf = (object: ApiObject): ApiObject => asObject(object['metadata']) ?? {};

export const specOf = (object: ApiObject): ApiObject => asObject(object['spec']) ?? {};

/** A string field of an object's metadata, '' when missing. */
export function metadataText(object: ApiObject, field: 'name' | 'namespace' | 'uid' | 'resourceVersion'): string {
  const value = metadataOf(object)[field];
  return typeof value === 'string' ? value : '';
}

/** An object's metadata in Calico's model; `keepsName`: the annotation may hold the resource's own name. */
export function modelMetadata(group: ApiGroup, object: ApiObject, keepsName = false): ApiObject {
  const real = metadataOf(object);
  if (group.version === 'v3') return without(real, ['managedFields', 'resourceVersion', 'selfLink']);
  const { [ANNOTATION]: hidden, ...annotations } = asObject(real['annotations']) ?? {};
  const given = typeof hidden === 'string' ? parsed(hidden) : undefined;
  const { namespace, uid, creationTimestamp } = real;
  const own = keepsName ? given?.['name'] : undefined;
  const name = typeof own === 'string' && own !== '' ? own : real['name'];
  const shown = typeof uid === 'string' ? { uid: calicoUid(uid) } : {};
  const named = { name, ...(namespace === undefined ? {} : { namespace }), ...shown };
  const merged = {
    ...filled('labels', { ...asObject(real['labels']), ...asObject(given?.['labels']) }),
    ...filled('annotations', { ...annotations, ...asObject(given?.['annotations']) }),
  };
  if (given === undefined) return { ...without(real, ['managedFields', 'resourceVersion']), ...merged, ...named };
  return { ...given, creationTimestamp: given['creationTimestamp'] ?? creationTimestamp, ...merged, ...named };
}

const filled = (field: string, map: ApiObject): ApiObject => (Object.keys(map).length === 0 ? {} : { [field]: map });

function parsed(text: string): ApiObject | undefined {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Keys that Calico also keeps in the real metadata. */
const isCalicos = (key: string): boolean => key.includes('projectcalico.org/') || key.includes('operator.tigera.io/');

const calicos = (map: unknown): ApiObject =>
  Object.fromEntries(Object.entries(asObject(map) ?? {}).filter(([key]) => isCalicos(key)));

/** How an object is named, and whether v1's annotation keeps the resource's own name. */
interface Naming {
  readonly objectName: string;
  readonly keepsName: boolean;
}

/** The metadata to write for an object of Calico's model, replacing `seen` or new. */
export function writtenMetadata(
  group: ApiGroup,
  given: ApiObject,
  seen: ApiObject | undefined,
  { objectName, keepsName }: Naming,
): ApiObject {
  const { annotations: noted, ...others } = given;
  // In etcd's model the annotation holds a policy's name.
  const model = { ...others, ...filled('annotations', without(asObject(noted) ?? {}, [ANNOTATION])) };
  const { namespace } = given;
  const place = { name: objectName, ...(namespace === undefined ? {} : { namespace }), ...versionOf(seen) };
  if (group.version === 'v3') return { ...without(model, [...NAMING, ...OWN_FIELDS]), ...place };
  const kept = without(model, keepsName ? NAMING.filter((field) => field !== 'name') : NAMING);
  const annotations = { ...calicos(model['annotations']), [ANNOTATION]: stringifyJson(kept) };
  return { ...place, ...filled('labels', calicos(model['labels'])), annotations };
}

/** The metadata to write for an IPAM object: the server's, with the labels and annotations that Calico sets. */
export function ipamMetadata(
  group: ApiGroup,
  name: string,
  labels: Readonly<Record<string, string>> | undefined,
  seen: ApiObject | undefined,
): ApiObject {
  const kept = seen === undefined ? {} : without(metadataOf(seen), [...OWN_FIELDS, 'creationTimestamp']);
  const model = labels === undefined ? {} : { labels };
  const marks = group.version === 'v3' ? {} : { [ANNOTATION]: stringifyJson(model) };
  return {
    ...kept,
    name,
    ...versionOf(seen),
    ...filled('labels', { ...asObject(kept['labels']), ...labels }),
    ...filled('annotations', { ...asObject(kept['annotations']), ...marks }),
  };
}

const versionOf = (seen: ApiObject | undefined): ApiObject =>
  seen === undefined ? {} : { resourceVersion: metadataText(seen, 'resourceVersion') };
