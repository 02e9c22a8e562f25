import { list, object, text } from '../schema/type.ts';
import type { Rules } from './rules.ts';

const LABEL = 'projectcalico.org/namespace';

/** NetworkSet and GlobalNetworkSet: networks that rules select by the set's labels. */
export const networkSet: Rules = {
  spec: object({ nets: list(text({ format: 'cidrOrAddress', max: 49 }), { max: 100_000 }) }),
  faults: ({ metadata: { labels = {} } }) =>
    Object.hasOwn(labels, LABEL)
      ? [{ field: 'Metadata.Labels (label)', value: LABEL, reason: `${LABEL} is not a valid label name` }]
      : [],
};
