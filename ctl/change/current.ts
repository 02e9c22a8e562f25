import { get, type Query } from '../../shared/datastore/query.ts';
import { IPAM_CONFIG } from '../../shared/datastore/ref.ts';
import type { Plan, View } from '../../shared/datastore/view.ts';
import { effective } from '../kinds/ipam-configuration.ts';
import type { Kind } from '../kinds/kind.ts';
import { type AnyResource, type Named, refOf } from '../resource/resource.ts';
import { decode } from './stored.ts';

/** The queries that `currentIn` needs. */
export const currentReads = (kind: Kind, named: Named): readonly Query[] =>
  [refOf(kind.name, named), ...(isEffective(kind, named) ? [IPAM_CONFIG] : [])].map(get);

/** A resource as it is in force; an IPAMConfiguration includes the settings that allocation reads. Undefined when there is none. */
export function currentIn(view: View, kind: Kind, named: Named): AnyResource | undefined {
  const entry = view.get(refOf(kind.name, named));
  const stored = entry === undefined ? undefined : decode(kind, entry);
  return isEffective(kind, named) ? effective(stored, view.get(IPAM_CONFIG)) : stored;
}

/** The same, after reading it. */
export function* current(kind: Kind, named: Named): Plan<AnyResource | undefined> {
  return currentIn(yield currentReads(kind, named), kind, named);
}

const isEffective = (kind: Kind, { name }: Named): boolean => kind.name === 'IPAMConfiguration' && name === 'default';
