import { rfc3339Seconds } from '../../shared/calico/go-time.ts';
import { sortedRecord } from '../../shared/calico/json.ts';
import type { Metadata } from '../../shared/calico/model.ts';
import type { Fault } from './fault.ts';
import type { AnyResource } from './resource.ts';
import { type Shape, shapeFaults } from './shape.ts';

/** What a new resource is marked with. */
export interface Stamp {
  /** Nanoseconds since 1970. */
  readonly now: bigint;
  /** A fresh random UUID. */
  uid(): string;
}

type Meta = AnyResource['metadata'];

const SHAPE: Readonly<Record<string, Shape>> = {
  name: 'string',
  generateName: 'string',
  namespace: 'string',
  selfLink: 'string',
  uid: 'string',
  resourceVersion: 'string',
  generation: 'integer',
  creationTimestamp: 'string',
  deletionTimestamp: 'string',
  deletionGracePeriodSeconds: 'integer',
  labels: { '*': 'string' },
  annotations: { '*': 'string' },
  ownerReferences: ['any'],
  finalizers: ['string'],
  managedFields: ['any'],
};

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const NAME = `${LABEL}(\\.${LABEL})*`;
const MAX_NAME = 253;
const RULE = `name must consist of lower case alphanumeric characters, '-' or '.' (regex: ${NAME})`;

/** What is wrong with the shape of what is given as metadata. */
export const metadataShapeFaults = (metadata: unknown): readonly Fault[] => shapeFaults('metadata', metadata, SHAPE);

/** What is wrong with a resource's metadata. */
export function metadataFaults(metadata: Meta): readonly Fault[] {
  const shape = metadataShapeFaults(metadata);
  if (shape.length > 0) return shape;
  const { name, namespace } = metadata;
  if (!name) return [{ field: 'Metadata.Name', reason: 'field must be set for a Create request' }];
  return [...nameFaults('Name', name), ...(namespace ? nameFaults('Namespace', namespace) : [])];
}

/** Both become parts of a key. */
function nameFaults(field: string, name: string): readonly Fault[] {
  const isName = name.length <= MAX_NAME && new RegExp(`^${NAME}$`).test(name);
  return isName ? [] : [{ field: `Metadata.${field}`, value: name, reason: RULE }];
}

/** Metadata of a new resource: of what is given only names, labels and annotations count. */
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

/** Metadata of a changed resource: what is stored, with the given labels and annotations added. */
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

/** As stored: without what etcd itself tells, maps in byte order. */
export function storable({ resourceVersion: _, ...metadata }: Meta): object {
  const { labels, annotations, ...others } = metadata;
  return {
    ...others,
    ...(labels && { labels: sortedRecord(labels) }),
    ...(annotations && { annotations: sortedRecord(annotations) }),
  };
}
