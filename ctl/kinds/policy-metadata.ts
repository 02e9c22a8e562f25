import { stringifyJson } from '../../shared/calico/json.ts';
import type { AnyResource } from '../resource/resource.ts';
import { objectOf, textOf } from '../resource/shape.ts';
import type { Rules } from './rules.ts';

const TIER = 'projectcalico.org/tier';
const NAME = 'projectcalico.org/metadata';

/** Prefixes that are not tiers although a dot follows them, with the tier of such names. */
const GENERATED: Readonly<Record<string, string>> = {
  'knp.default.': 'default',
  'kcnp.kube-admin.': 'kube-admin',
  'kcnp.kube-baseline.': 'kube-baseline',
  'ossg.': 'default',
};

/** The tier of a stored policy. Without the field: the tier that its name begins with, or `default`. */
function tierOf({ metadata, spec }: AnyResource): string {
  const tier = textOf(spec?.['tier']);
  if (tier !== '') return tier;
  const generated = Object.entries(GENERATED).find(([prefix]) => textOf(metadata.name).startsWith(prefix));
  if (generated !== undefined) return generated[1];
  const [first = '', ...rest] = textOf(metadata.name).split('.');
  return rest.length === 0 ? 'default' : first;
}

/** A policy is stored with its tier as a label, unless it is the default tier, and with its name as an annotation. */
function stored(policy: AnyResource): AnyResource {
  const { labels = {}, annotations = {}, ...metadata } = policy.metadata;
  const { [TIER]: _, ...others } = labels;
  const tier = tierOf(policy);
  const all = tier === 'default' ? others : { ...others, [TIER]: tier };
  return {
    ...policy,
    metadata: {
      ...metadata,
      ...(Object.keys(all).length > 0 && { labels: all }),
      annotations: { ...annotations, [NAME]: stringifyJson({ name: metadata.name }) },
    },
  };
}

/** As it is shown: always with its tier, without what is only for storage. */
function shown(policy: AnyResource): AnyResource {
  const { labels, annotations, ...metadata } = policy.metadata;
  const { [NAME]: _, ...others } = objectOf(annotations) ?? {};
  const tier = tierOf(policy);
  return {
    ...policy,
    metadata: {
      ...metadata,
      labels: { [TIER]: tier, ...texts(labels) },
      ...(Object.keys(others).length > 0 && { annotations: texts(others) }),
    },
    spec: { ...policy.spec, tier },
  };
}

const texts = (map: unknown): Readonly<Record<string, string>> =>
  (objectOf(map) ?? {}) as Readonly<Record<string, string>>;

/** How all kinds of policies are stored and shown; their tier must exist. */
export const asPolicy = { stored, shown, tier: tierOf } satisfies Partial<Rules>;
