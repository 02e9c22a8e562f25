import type { Fault } from '../resource/fault.ts';
import type { Fields } from '../resource/resource.ts';
import { objectOf } from '../resource/shape.ts';
import { choice, decimal, list, type Relation, text } from '../schema/type.ts';
import { rule } from './rule.ts';
import { selector } from './selector.ts';

/** Fields that every policy has. */
export const policyFields = {
  tier: text({ default: 'default', format: 'label' }),
  order: decimal(),
  ingress: list(rule, { max: 1024 }),
  egress: list(rule, { max: 1024 }),
  selector,
  types: list(choice(['Ingress', 'Egress']), { unique: true }),
  serviceAccountSelector: selector,
  performanceHints: list(choice(['AssumeNeededOnEveryNode'])),
} as const;

const hasItems = (value: unknown): boolean => Array.isArray(value) && value.length > 0;

/** The types that follow from the rules: Ingress without any. */
export function withTypes(spec: Fields): Fields {
  if (hasItems(spec['types'])) return spec;
  const [ingress, egress] = [hasItems(spec['ingress']), hasItems(spec['egress'])];
  return { ...spec, types: [...(ingress || !egress ? ['Ingress'] : []), ...(egress ? ['Egress'] : [])] };
}

const rulesOf = (spec: Fields, direction: string) =>
  ((spec[direction] ?? []) as readonly unknown[]).map((one) => objectOf(one) ?? {});
const servicesOf = (one: Fields, side: string): Fields | undefined => objectOf(objectOf(one[side])?.['services']);

const someRule = (direction: string, at: string, reason: string, test: (one: Fields) => boolean): Relation => ({
  reason,
  broken: (spec) => {
    const index = rulesOf(spec, direction).findIndex(test);
    return index >= 0 && `${direction}[${index}].${at}`;
  },
});

/** What must hold between the rules of every policy. */
export const policyRelations: readonly Relation[] = [
  someRule('egress', 'source.services', 'not allowed in egress rule source', (one) => !!servicesOf(one, 'source')),
  someRule('egress', 'http', 'not allowed in egress rule', ({ http }) => http !== undefined),
  someRule(
    'ingress',
    'destination.services',
    'not allowed in ingress rule destination',
    (one) => !!servicesOf(one, 'destination'),
  ),
];

const lacksNamespace = (side: string) => (one: Fields) => {
  const services = servicesOf(one, side);
  return services !== undefined && !services['namespace'];
};

/** Further checks for a policy without a namespace. */
export const globalRelations: readonly Relation[] = [
  someRule('egress', 'destination.services.namespace', 'must specify a namespace', lacksNamespace('destination')),
  someRule('ingress', 'source.services.namespace', 'must specify a namespace', lacksNamespace('source')),
  {
    at: 'preDNAT',
    reason: 'PreDNAT and DoNotTrack cannot both be true, for a given PolicySpec',
    broken: ({ preDNAT, doNotTrack }) => preDNAT === true && doNotTrack === true,
  },
  {
    at: 'egress',
    reason: 'PreDNAT PolicySpec cannot have any Egress rules',
    broken: ({ preDNAT, egress }) => preDNAT === true && hasItems(egress),
  },
  {
    at: 'types',
    reason: "PreDNAT PolicySpec cannot have 'egress' Type",
    broken: ({ preDNAT, types }) => preDNAT === true && Array.isArray(types) && types.includes('Egress'),
  },
  {
    at: 'applyOnForward',
    reason: 'ApplyOnForward must be true if either PreDNAT or DoNotTrack is true, for a given PolicySpec',
    broken: ({ preDNAT, doNotTrack, applyOnForward }) =>
      (preDNAT === true || doNotTrack === true) && applyOnForward !== true,
  },
];

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const GENERATED = `(?:knp|ossg)\\.default\\.${LABEL}(?:\\.${LABEL})*`;
const ONE_DOT = `(?:${LABEL}\\.)?${LABEL}`;

/** A policy's name has at most one dot, unless it was made from another kind of policy. */
export function policyNameFaults(name: string, isNamespaced: boolean): readonly Fault[] {
  const pattern = isNamespaced ? `^(?:${ONE_DOT}|${GENERATED})$` : `^${ONE_DOT}$`;
  if (new RegExp(pattern).test(name)) return [];
  const reason = `name must consist of lower case alphanumeric characters or '-' (regex: ${LABEL})`;
  return [{ field: 'Metadata.Name', value: name, reason }];
}
