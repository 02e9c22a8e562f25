import { get, type ListQuery } from '../../shared/datastore/query.ts';
import type { Ref } from '../../shared/datastore/ref.ts';
import type { Plan, View } from '../../shared/datastore/view.ts';
import type { Kind } from '../kinds/kind.ts';
import { KINDS } from '../kinds/kinds.ts';
import type { Operation } from '../kinds/rules.ts';
import { doesNotExist, unsupported } from '../resource/fault.ts';
import { type AnyResource, identifier, type Named, refOf } from '../resource/resource.ts';
import { decode } from './stored.ts';

const UNCHECKED = 'this kind cannot be validated here; use Calico’s own calicoctl';

/** Throws Refused when this cannot be done to the kind, or to a resource of this name. */
export function requireAllowed(operation: Operation, { name, rules, readOnly, isDeletable }: Kind, named: Named): void {
  if (readOnly !== undefined && !(operation === 'delete' && isDeletable === true))
    throw unsupported(operation, name, readOnly);
  if (rules === undefined && operation !== 'delete') throw unsupported(operation, name, UNCHECKED);
  if (named.name) rules?.refuse?.(operation, named);
}

/** Throws Refused when the tier of a policy does not exist. Returns guards: what must not change until the policy is written. */
export function* requireTier({ rules }: Kind, resource: AnyResource): Plan<readonly Ref[]> {
  const tier = rules?.tier?.(resource);
  if (tier === undefined) return [];
  const ref = refOf('Tier', { name: tier });
  const view = yield [get(ref)];
  if (view.get(ref) === undefined) throw doesNotExist(identifier('Tier', { name: tier }));
  return [ref];
}

/** Throws Refused while a policy is in the tier. */
export function* requireEmptyTier(name: string): Plan<undefined> {
  const kinds = KINDS.filter(({ rules }) => rules?.tier !== undefined);
  const view = yield kinds.map(allOf);
  if (kinds.some((kind) => hasPolicyIn(view, kind, name))) {
    throw unsupported('delete', name, 'Cannot delete a non-empty tier');
  }
  return undefined;
}

const allOf = ({ name }: Kind): ListQuery => ({ all: name });

function hasPolicyIn(view: View, kind: Kind, tier: string): boolean {
  return view.list(allOf(kind)).some((entry) => kind.rules?.tier?.(decode(kind, entry)) === tier);
}
