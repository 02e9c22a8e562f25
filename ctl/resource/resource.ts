import type { Metadata } from '../../shared/calico/model.ts';
import type { ResourceKind } from '../../shared/calico/resource-kind.ts';
import type { ResourceRef, Kind as StoredKind } from '../../shared/datastore/ref.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** A v3 resource of any kind, as given or as stored. */
export interface AnyResource {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: Metadata & { readonly resourceVersion?: string };
  readonly spec?: Fields;
  readonly [other: string]: unknown;
}

export const API_VERSION = 'projectcalico.org/v3';

/** What names a resource among those of its kind. */
export interface Named {
  readonly name: string;
  readonly namespace?: string;
}

/** As the original prints it: `IPPool(p1)`, `NetworkPolicy(default/p1)`. */
export const identifier = (kind: string, { name, namespace }: Named): string =>
  `${kind}(${namespace === undefined || namespace === '' ? '' : `${namespace}/`}${name})`;

/** A kind's name. A BlockAffinity is IPAM's own affinity, shown as a resource. */
export type KindName = ResourceKind | 'BlockAffinity';

/** What the datastore calls a kind. */
export const storedAs = (kind: KindName): StoredKind => (kind === 'BlockAffinity' ? 'affinity' : kind);

/** A resource as the datastore names it; a namespace of '' is none. */
export function refOf(kind: KindName, { name, namespace }: Named): ResourceRef {
  if (kind === 'BlockAffinity') throw new Error('a BlockAffinity has no resource of its own');
  return { kind, name, ...(namespace && { namespace }) };
}
