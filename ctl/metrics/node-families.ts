import { BOUNDS, type Totals } from '../../shared/call-counts/totals.ts';
import { type MetricFamily, type Sample, single } from './exposition.ts';

/** What is known of a node without asking the datastore. */
export interface NodeState {
  readonly node: string;
  readonly calls: Totals;
  /** Releases that wait in the journal. */
  readonly waiting: number;
  /** How many seconds the oldest has waited; 0 when there is none. */
  readonly oldest: number;
}

/** The calls of a node since it was started, and its journal. */
export function nodeFamilies({ node, calls, waiting, oldest }: NodeState): readonly MetricFamily[] {
  const at = { node };
  return [
    {
      name: 'calico_cni_calls_total',
      help: 'CNI calls that have ended, by the code of their error; 0 is success.',
      type: 'counter',
      samples: eachVerb(calls).flatMap(({ labels, sum }) =>
        Object.entries(sum.codes).map(([code, value]) => ({ labels: { ...at, ...labels, code }, value })),
      ),
    },
    {
      name: 'calico_cni_call_duration_seconds',
      help: 'How long CNI calls took, from the start of the process.',
      type: 'histogram',
      samples: eachVerb(calls).flatMap(({ labels, sum }) => histogram({ ...at, ...labels }, sum)),
    },
    single('calico_cni_journal_entries', 'Releases of deleted containers that wait for the datastore.', waiting, at),
    single('calico_cni_journal_oldest_seconds', 'How long the oldest of them has waited.', oldest, at),
  ];
}

const eachVerb = (calls: Totals) =>
  [...calls].map(([key, sum]) => {
    const [plugin = '', verb = ''] = key.split(' ');
    return { labels: { plugin, verb }, sum };
  });

function histogram(
  labels: Readonly<Record<string, string>>,
  { buckets, seconds }: { readonly buckets: readonly number[]; readonly seconds: number },
): readonly Sample[] {
  let count = 0;
  const cumulated = buckets.map((number, at): Sample => {
    count += number;
    return {
      labels: { ...labels, le: at < BOUNDS.length ? String(BOUNDS[at]) : '+Inf' },
      value: count,
      part: '_bucket',
    };
  });
  return [...cumulated, { labels, value: seconds, part: '_sum' }, { labels, value: count, part: '_count' }];
}
