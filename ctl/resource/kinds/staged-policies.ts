import type { Fault } from '../fault.ts';
import type { Fields } from '../resource.ts';
import type { Rules } from '../rules.ts';
import { choice, type ObjectType, object } from '../schema/type.ts';
import { globalNetworkPolicy } from './global-network-policy.ts';
import { networkPolicy } from './network-policy.ts';
import { hasItems, withTypes } from './policy.ts';

const stagedAction = choice(['Set', 'Delete', 'Learn', 'Ignore'], { default: 'Set' });

const isDelete = (spec: Fields): boolean => spec['stagedAction'] === 'Delete';

const staged = (kind: string, { refuse: _, ...rules }: Rules): Rules => ({
  ...rules,
  spec: object({ stagedAction, ...rules.spec.fields }, { relations: rules.spec.relations ?? [] }) satisfies ObjectType,
  complete: (spec) => (isDelete(spec) ? withoutTypes(spec) : withTypes(spec)),
  faults: (resource, old) => [...(rules.faults?.(resource, old) ?? []), ...deletionFaults(kind, resource.spec ?? {})],
});

const withoutTypes = ({ types, ...spec }: Fields): Fields => (hasItems(types) ? spec : { ...spec });

/** What deletes a policy says nothing else of it. */
function deletionFaults(kind: string, spec: Fields): readonly Fault[] {
  const { stagedAction: _a, tier: _t, ...others } = spec;
  const isEmpty = Object.values(others).every(
    (value) => [undefined, '', false].includes(value as '') || isNothing(value),
  );
  if (!isDelete(spec) || isEmpty) return [];
  const reason = 'Spec fields, except Tier, should all be zero-value if stagedAction is Delete';
  return [{ field: `${kind}Spec`, reason }];
}

const isNothing = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

/** StagedGlobalNetworkPolicy: what a GlobalNetworkPolicy is to become. */
export const stagedGlobalNetworkPolicy = staged('StagedGlobalNetworkPolicy', globalNetworkPolicy);

/** StagedNetworkPolicy: what a NetworkPolicy is to become. */
export const stagedNetworkPolicy = staged('StagedNetworkPolicy', networkPolicy);
