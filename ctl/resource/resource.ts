import type { Metadata } from '../../shared/calico/model.ts';
import type { ResourceKind } from '../../shared/calico/resource-kind.ts';
import type { ResourceRef } from '../../shared/datastore/ref.ts';

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

/** What identifies a resource among those of its kind. */
export interface Named {
  readonly name: string;
  readonly namespace?: string;
}

/** As the original prints it: `IPPool(p1)`, `NetworkPolicy(default/p1)`. */
export const identifier = (kind: string, { name, namespace }: Named): string =>
  `${kind}(${namespace === undefined || namespace === '' ? '' : `${namespace}/`}${name})`;

/** A resource's ref in the datastore. A namespace of '' means none. */
export const refOf = (kind: ResourceKind, { name, namespace }: Named): ResourceRef => ({
  kind,
  name,
  ...(namespace && { namespace }),
});
