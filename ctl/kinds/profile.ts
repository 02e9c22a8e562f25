import { Refused, unsupported } from '../resource/fault.ts';
import { list, map, object, text } from '../schema/type.ts';
import { rule } from './rule.ts';
import type { Rules } from './rules.ts';

const ALLOW = 'projectcalico-default-allow';

/** Profile: labels for its endpoints, and rules for traffic that no policy applies to. */
export const profile: Rules = {
  spec: object({
    ingress: list(rule, { max: 1024 }),
    egress: list(rule, { max: 1024 }),
    labelsToApply: map(text({ format: 'labelValue' }), { keys: 'labelKey' }),
  }),
  refuse: (operation, { name }) => {
    if (name !== ALLOW) return;
    if (operation === 'create') {
      const why = `${ALLOW} already exists. The profile "${ALLOW}" is default provided by Calico`;
      throw new Refused('exists', `resource already exists: ${ALLOW} with error: ${why}`);
    }
    const [word, done] = operation === 'delete' ? ['Delete', 'deleted'] : ['Update', 'updated'];
    throw unsupported(word, ALLOW, `The profile "${ALLOW}" is a default provided by Calico and cannot be ${done}`);
  },
};
