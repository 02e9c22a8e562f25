import { CONFIG_KEY } from '../../shared/calico/keys.ts';
import { one, type Plan, type Read, type View } from '../../shared/datastore/view.ts';
import type { Kind } from './kind.ts';
import { effective } from './kinds/ipam-configuration.ts';
import { type AnyResource, keyOf, type Named } from './resource.ts';
import { decode } from './stored.ts';

/** What tells a resource as it is. */
export const currentReads = (kind: Kind, named: Named): readonly Read[] =>
  [keyOf(kind.plural, named), ...(isEffective(kind, named) ? [CONFIG_KEY] : [])].map(one);

/** A resource as it is in force, of the IPAMConfiguration with what allocation reads; undefined when there is none. */
export function currentIn(view: View, kind: Kind, named: Named): AnyResource | undefined {
  const entry = view.get(keyOf(kind.plural, named));
  const stored = entry === undefined ? undefined : decode(kind, entry);
  return isEffective(kind, named) ? effective(stored, view.get(CONFIG_KEY)) : stored;
}

/** The same, read first. */
export function* current(kind: Kind, named: Named): Plan<AnyResource | undefined> {
  return currentIn(yield currentReads(kind, named), kind, named);
}

const isEffective = (kind: Kind, { name }: Named): boolean => kind.name === 'IPAMConfiguration' && name === 'default';
