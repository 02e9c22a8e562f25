import { any, choice, integer, list, object, text } from '../schema/type.ts';
import type { Rules } from './rules.ts';

/** CalicoNodeStatus: asks a node to report on itself. */
export const calicoNodeStatus: Rules = {
  spec: object({
    node: text({ format: 'name' }),
    classes: list(choice(['Agent', 'BGP', 'Routes'])),
    updatePeriodSeconds: integer({ min: 0, max: 2 ** 31 - 1 }),
  }),
  status: any(),
};
