import { flag, object } from '../schema/type.ts';
import { globalRelations, policyFields, policyNameFaults, policyRelations, withTypes } from './policy.ts';
import { asPolicy } from './policy-metadata.ts';
import type { Rules } from './rules.ts';
import { selector } from './selector.ts';

/** GlobalNetworkPolicy: a policy for endpoints of all namespaces, and of hosts. */
export const globalNetworkPolicy: Rules = {
  ...asPolicy,
  spec: object(
    {
      ...policyFields,
      doNotTrack: flag({ omitZero: true }),
      preDNAT: flag({ omitZero: true }),
      applyOnForward: flag({ omitZero: true }),
      namespaceSelector: selector,
    },
    { relations: [...policyRelations, ...globalRelations] },
  ),
  complete: withTypes,
  faults: ({ metadata }) => policyNameFaults(metadata.name, false),
};
