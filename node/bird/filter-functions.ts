import { sha1 } from '../../shared/bytes/hash.ts';
import type { Family } from '../../shared/net/address.ts';
import type { FamilyRouting } from '../bgp/family-routing.ts';
import { objectsAt } from '../bgp/values.ts';
import type { Spec } from '../state/network-state.ts';
import { HIGHEST, NORMAL_PREFERENCE, ruleText } from './filter-rule.ts';
import { inComment } from './quoted.ts';

export type Direction = 'import' | 'export';

/** A BGPFilter's function for one family and direction. Its name cannot be the text of a user that BIRD would not take. */
export function functionName(filter: string, direction: Direction, family: Family): string {
  const name = /^[\w.-]{1,40}$/.test(filter) ? filter : sha1(filter).slice(0, 16);
  return `'bgp_${name}_${direction}FilterV${family}'`;
}

const rulesOf = (spec: Spec, direction: Direction, family: Family): readonly Spec[] =>
  objectsAt(spec, `${direction}V${family}`);

/** The calls of a session's filters, in their order. Each accepts or rejects, or leaves the route to the next. */
export const filterCalls = (
  names: readonly string[],
  direction: Direction,
  { filters, family }: FamilyRouting,
  isInternal: boolean,
): readonly string[] =>
  names
    .filter((name) => rulesOf(filters.get(name) ?? {}, direction, family).length > 0)
    .map((name) => `${functionName(name, direction, family)}(${isInternal});`);

/** Whether a filter of a family speaks of priorities. */
const usesPriorities = ({ filters, family }: FamilyRouting): boolean =>
  [...filters.values()].some((spec) =>
    (['import', 'export'] as const)
      .flatMap((direction) => rulesOf(spec, direction, family))
      .some((rule) =>
        [rule, ...objectsAt(rule, 'operations')].some((each) => 'priority' in each || 'setPriority' in each),
      ),
  );

/** Gives routes of this node the normal priority before a session's filters see them. */
export const normalPriority = (routing: FamilyRouting): readonly string[] =>
  usesPriorities(routing)
    ? [`if !(defined(source) && source = RTS_BGP) then bgp_local_pref = ${NORMAL_PREFERENCE};`]
    : [];

/** Writes routes to the kernel with their priority as the metric. */
export const priorityAsMetric = (routing: FamilyRouting): readonly string[] =>
  usesPriorities(routing)
    ? [
        `if (defined(bgp_local_pref) && bgp_local_pref >= ${HIGHEST >> 1}) then krt_metric = ${HIGHEST} - bgp_local_pref;`,
      ]
    : [];

/** The functions of all filters that are used. */
export const filterFunctions = ({ filters, family }: FamilyRouting): readonly string[] =>
  [...filters].flatMap(([name, spec]) =>
    (['import', 'export'] as const).flatMap((direction) => {
      const rules = rulesOf(spec, direction, family);
      if (rules.length === 0) return [];
      const head = `function ${functionName(name, direction, family)}(bool is_internal)`;
      return [`# BGPFilter ${inComment(name)}`, head, '{', ...rules.map((rule) => `  ${ruleText(rule, family)}`), '}'];
    }),
  );
