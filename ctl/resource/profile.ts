import type { Rules } from './rules.ts';

/** Profile: labels for its endpoints, and rules, which are Felix's to judge. */
export const profile: Rules = {
  shape: { ingress: ['any'], egress: ['any'], labelsToApply: { '*': 'string' } },
  faults: () => [],
};
