import { rfc3339Seconds } from '../../shared/calico/go-time.ts';
import { sortedRecord } from '../../shared/calico/json.ts';
import type { Metadata } from '../../shared/calico/model.ts';
import type { Fault } from '../resource/fault.ts';
import type { AnyResource } from '../resource/resource.ts';
import { FORMATS, type FormatName } from '../schema/format.ts';
import { read } from '../schema/read.ts';
import { any, integer, list, map, object, text } from '../schema/type.ts';

/** The creation time and UID of a new resource. */
export interface Stamp {
  /** Nanoseconds since 1970. */
  readonly now: bigint;
  /** A fresh random UUID. */
  uid(): string;
}

type Meta = AnyResource['metadata'];

const SHAPE = object({
  name: text(),
  generateName: text(),
  namespace: text(),
  selfLink: text(),
  uid: text(),
  resourceVersion: text(),
  generation: integer(),
  creationTimestamp: text(),
  deletionTimestamp: text(),
  deletionGracePeriodSeconds: integer(),
  labels: map(text()),
  annotations: map(text()),
  ownerReferences: list(any()),
  finalizers: list(text()),
  managedFields: list(any()),
});

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const NAME = `${LABEL}(\\.${LABEL})*`;
const MAX_NAME = 253;
const RULE = `name must consist of lower case alphanumeric characters, '-' or '.' (regex: ${NAME})`;

/** Reads given metadata: unquoted names and labels become strings. Also returns the faults in their form. `old` is the stored metadata. */
export function readMetadata(
  given: unknown,
  old?: Meta,
): { readonly metadata: Meta; readonly faults: readonly Fault[] } {
  const { value, faults } = read(SHAPE, 'metadata', given ?? {}, old);
  return { metadata: (value ?? {}) as Meta, faults };
}

/** What is wrong with a resource's metadata. */
export function metadataFaults({ name, namespace, labels = {}, annotations = {} }: Meta): readonly Fault[] {
  if (!name) return [{ field: 'Metadata.Name', reason: 'field must be set for a Create request' }];
  return [
    ...nameFaults('Name', name),
    ...(namespace ? nameFaults('Namespace', namespace) : []),
    ...Object.entries(labels).flatMap(([key, value]) => [
      ...formFaults('Labels (label)', 'labelKey', key),
      ...formFaults('Labels (value)', 'labelValue', value),
    ]),
    ...Object.keys(annotations).flatMap((key) => formFaults('Annotations (key)', 'annotationKey', key)),
    ...annotationSize(annotations),
  ];
}

function formFaults(field: string, format: FormatName, value: string): readonly Fault[] {
  const reason = FORMATS[format](value);
  return reason === undefined ? [] : [{ field: `Metadata.${field}`, value, reason }];
}

const MAX_ANNOTATIONS = 256 * 1024;

function annotationSize(annotations: Readonly<Record<string, string>>): readonly Fault[] {
  const size = Object.entries(annotations).reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  if (size <= MAX_ANNOTATIONS) return [];
  const reason = `total size of annotations is too large by ${size - MAX_ANNOTATIONS} bytes`;
  return [{ field: 'Metadata.Annotations (key)', reason }];
}

/** Both become parts of a key. */
function nameFaults(field: string, name: string): readonly Fault[] {
  const isName = name.length <= MAX_NAME && new RegExp(`^${NAME}$`).test(name);
  return isName ? [] : [{ field: `Metadata.${field}`, value: name, reason: RULE }];
}

/** Metadata of a new resource: takes only name, namespace, labels and annotations from what is given. */
export function created({ name, namespace, labels, annotations }: Meta, stamp: Stamp): Metadata {
  const creationTimestamp = rfc3339Seconds(stamp.now);
  return {
    name,
    ...(namespace && { namespace }),
    uid: stamp.uid(),
    creationTimestamp,
    ...(labels && { labels }),
    ...(annotations && { annotations }),
  };
}

/** Metadata of a changed resource: the stored metadata with the given labels and annotations added. */
export function merged(old: Meta, given: Meta, stamp: Stamp): Meta {
  if (old.uid === undefined) return created(given, stamp);
  const labels = { ...old.labels, ...given.labels };
  const annotations = { ...old.annotations, ...given.annotations };
  return {
    ...old,
    ...(Object.keys(labels).length > 0 && { labels }),
    ...(Object.keys(annotations).length > 0 && { annotations }),
  };
}

/** As stored: without the version, which the datastore keeps; maps in byte order. */
export function storable({ resourceVersion: _, ...metadata }: Meta): object {
  const { labels, annotations, ...others } = metadata;
  return {
    ...others,
    ...(labels && { labels: sortedRecord(labels) }),
    ...(annotations && { annotations: sortedRecord(annotations) }),
  };
}
