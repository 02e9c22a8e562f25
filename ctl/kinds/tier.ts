import type { Fault } from '../resource/fault.ts';
import { unsupported } from '../resource/fault.ts';
import type { Fields } from '../resource/resource.ts';
import { any, choice, decimal, object } from '../schema/type.ts';
import type { Rules } from './rules.ts';

/** The tiers of every cluster. */
export const TIERS: Readonly<Record<string, { readonly order: number; readonly defaultAction: string }>> = {
  default: { order: 1_000_000, defaultAction: 'Deny' },
  'kube-admin': { order: 1_000, defaultAction: 'Pass' },
  'kube-baseline': { order: 10_000_000, defaultAction: 'Pass' },
};

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const LONGEST = 63;

const filled = (spec: Fields): Fields => ({
  ...spec,
  order: spec['order'] ?? TIERS['default']?.order,
  defaultAction: spec['defaultAction'] || 'Deny',
});

/** Tier: policies that are applied before or after those of other tiers. */
export const tier: Rules = {
  spec: object({ order: decimal(), defaultAction: choice(['Pass', 'Deny']) }),
  status: any(),
  complete: filled,
  shown: (resource) => ({ ...resource, spec: filled(resource.spec ?? {}) }),
  faults: ({ metadata: { name }, spec = {} }) => [...nameFaults(name), ...fixedFaults(name, spec)],
  refuse: (operation, { name }) => {
    if (operation !== 'delete' || !Object.hasOwn(TIERS, name)) return;
    throw unsupported('Delete', name, `Cannot delete ${name} tier`);
  },
};

/** It becomes a label, and the first part of other names. */
function nameFaults(name: string): readonly Fault[] {
  const fault = (reason: string): readonly Fault[] => [{ field: 'Metadata.Name', value: name, reason }];
  if (name.length > LONGEST) return fault(`name is too long by ${name.length - LONGEST} bytes`);
  if (new RegExp(`^${LABEL}$`).test(name)) return [];
  return fault(`name must consist of lower case alphanumeric characters or '-' (regex: ${LABEL})`);
}

function fixedFaults(name: string, { order, defaultAction }: Fields): readonly Fault[] {
  const fixed = Object.hasOwn(TIERS, name) ? TIERS[name] : undefined;
  if (fixed === undefined) return [];
  return [
    ...(order === fixed.order
      ? []
      : [{ field: 'TierSpec.Order', value: order, reason: `${name} tier order must be ${fixed.order}` }]),
    ...(defaultAction === fixed.defaultAction
      ? []
      : [{ field: 'spec', reason: `The '${name}' tier must have default action '${fixed.defaultAction}'` }]),
  ];
}
