import { stringifyJson } from '../calico/json.ts';
import { asObject } from '../calico/stored.ts';
import type { ApiGroup } from './api-group.ts';
import { calicoUid } from './calico-uid.ts';
import type { ApiObject } from './resource-access.ts';

/** In v1 the metadata of Calico's model lies in one annotation: the API server looks at its own only. */
const ANNOTATION = 'projectcalico.org/metadata';

/** What the server keeps for itself, or is given apart. */
const OWN_FIELDS = ['managedFields', 'resourceVersion', 'selfLink', 'generation', 'deletionTimestamp'];
/** What of Calico's metadata the annotation leaves out. */
const NAMING = ['name', 'namespace', 'uid', 'resourceVersion'];

const without = (fields: ApiObject, names: readonly string[]): ApiObject =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));

export const metadataOf = (object: ApiObject): ApiObject => asObject(object['metadata']) ?? {};

export const specOf = (object: ApiObject): ApiObject => asObject(object['spec']) ?? {};

/** An object's text in its metadata, '' when there is none. */
export function metadataText(object: ApiObject, field: 'name' | 'namespace' | 'uid' | 'resourceVersion'): string {
  const value = metadataOf(object)[field];
  return typeof value === 'string' ? value : '';
}

/** Metadata in Calico's model of an object as the server has it. */
export function modelMetadata(group: ApiGroup, object: ApiObject): ApiObject {
  const real = metadataOf(object);
  if (group.version === 'v3') return without(real, ['managedFields', 'resourceVersion', 'selfLink']);
  const { [ANNOTATION]: hidden, ...annotations } = asObject(real['annotations']) ?? {};
  const given = typeof hidden === 'string' ? parsed(hidden) : undefined;
  const { name, namespace, uid, creationTimestamp } = real;
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

/** Keys that the original keeps in the real metadata as well. */
const isCalicos = (key: string): boolean => key.includes('projectcalico.org/') || key.includes('operator.tigera.io/');

const calicos = (map: unknown): ApiObject =>
  Object.fromEntries(Object.entries(asObject(map) ?? {}).filter(([key]) => isCalicos(key)));

/** Metadata to write of an object of Calico's model, for the object `seen` or a new one. */
export function writtenMetadata(group: ApiGroup, model: ApiObject, seen: ApiObject | undefined): ApiObject {
  const { name, namespace } = model;
  const place = { name, ...(namespace === undefined ? {} : { namespace }), ...versionOf(seen) };
  if (group.version === 'v3') return { ...without(model, [...NAMING, ...OWN_FIELDS]), ...place };
  const annotations = { ...calicos(model['annotations']), [ANNOTATION]: stringifyJson(without(model, NAMING)) };
  return { ...place, ...filled('labels', calicos(model['labels'])), annotations };
}

/** Metadata to write of an IPAM object: what the server has stays, and is made to say what Calico's own would. */
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
