import { type Fault, unsupported } from '../resource/fault.ts';
import type { Fields } from '../resource/resource.ts';
import { choice, object } from '../schema/type.ts';
import { globalNetworkPolicy } from './global-network-policy.ts';
import { networkPolicy } from './network-policy.ts';
import { withTypes } from './policy.ts';
import type { Rules } from './rules.ts';

const stagedAction = choice(['Set', 'Delete', 'Learn', 'Ignore'], { default: 'Set' });

const isDelete = (spec: Fields): boolean => spec['stagedAction'] === 'Delete';

const staged = (kind: string, rules: Rules): Rules => ({
  ...rules,
  spec: object({ stagedAction, ...rules.spec.fields }, { relations: rules.spec.relations ?? [] }),
  complete: (spec) => (isDelete(spec) ? withoutTypes(spec) : withTypes(spec)),
  faults: (resource, old) => [...(rules.faults?.(resource, old) ?? []), ...deletionFaults(kind, resource.spec ?? {})],
});

const withoutTypes = ({ types: _, ...spec }: Fields): Fields => spec;

/** A staged deletion contains nothing else of the policy. */
function deletionFaults(kind: string, spec: Fields): readonly Fault[] {
  const { stagedAction: _a, tier: _t, ...others } = spec;
  if (!isDelete(spec) || Object.values(others).every(isZero)) return [];
  const reason = 'Spec fields, except Tier, should all be zero-value if stagedAction is Delete';
  return [{ field: `${kind}Spec`, reason }];
}

const isZero = (value: unknown): boolean =>
  value === '' || value === false || (Array.isArray(value) && value.length === 0);

/** StagedGlobalNetworkPolicy: a preview of a GlobalNetworkPolicy. */
export const stagedGlobalNetworkPolicy = staged('StagedGlobalNetworkPolicy', globalNetworkPolicy);

const KUBERNETES = 'knp.default.';

/** StagedNetworkPolicy: a preview of a NetworkPolicy. */
export const stagedNetworkPolicy: Rules = {
  ...staged('StagedNetworkPolicy', networkPolicy),
  refuse: (operation, { name }) => {
    if (operation === 'delete' || !name.startsWith(KUBERNETES)) return;
    throw unsupported('Create', KUBERNETES, 'Cannot create a StagedNetworkPolicy with that name prefix');
  },
};
