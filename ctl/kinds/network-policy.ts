import { unsupported } from '../resource/fault.ts';
import { identifier } from '../resource/resource.ts';
import { object } from '../schema/type.ts';
import { policyFields, policyNameFaults, policyRelations, withTypes } from './policy.ts';
import { asPolicy } from './policy-metadata.ts';
import type { Rules } from './rules.ts';

/** NetworkPolicy: a policy for the endpoints of one namespace. */
export const networkPolicy: Rules = {
  ...asPolicy,
  spec: object(policyFields, { relations: policyRelations }),
  complete: withTypes,
  faults: ({ metadata }) => policyNameFaults(metadata.name, true),
  refuse: (operation, named) => {
    if (!named.name.startsWith('knp.default.')) return;
    const reason = 'kubernetes network policies must be managed through the kubernetes API';
    throw unsupported(operation, identifier('NetworkPolicy', named), reason);
  },
};
