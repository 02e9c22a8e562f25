import { addressBits, type Family } from '../../shared/net/address.ts';
import { type Cidr, parseCidr } from '../../shared/net/cidr.ts';
import { communityOf } from '../bgp/advertisements.ts';
import { asNumberOf, integerAt, listAt, objectAt, objectsAt, textAt, textsAt } from '../bgp/values.ts';
import type { Spec } from '../state/network-state.ts';
import { addCommunity, attribute, communityText } from './community-text.ts';
import { quoted } from './quoted.ts';

/** Priorities travel as BGP's local preference: the lower the one, the higher the other. */
export const HIGHEST = 2 ** 31 - 1;
export const NORMAL_PREFERENCE = HIGHEST - 1024;

/** A rule that cannot be read rejects everything, so that nothing passes that it was meant to stop. */
export function ruleText(rule: Spec, family: Family): string {
  const conditions = conditionsOf(rule, family);
  const operations = operationsOf(rule);
  const action = { Accept: 'accept;', Reject: 'reject;' }[textAt(rule, 'action') ?? ''];
  if (conditions === undefined || operations === undefined || action === undefined) return 'reject;';
  const body = [...operations, action].join(' ');
  return conditions.length === 0 ? body : `if (${conditions.join(' && ')}) then { ${body} }`;
}

/** Undefined when one of them cannot be read. */
function conditionsOf(rule: Spec, family: Family): readonly string[] | undefined {
  const conditions: string[] = [];
  for (const [field, read] of Object.entries(CONDITIONS)) {
    const condition = rule[field] === undefined || rule[field] === '' ? '' : read(rule, family);
    if (condition === undefined) return undefined;
    if (condition !== '') conditions.push(condition);
  }
  return conditions;
}

type Condition = (rule: Spec, family: Family) => string | undefined;

/** By a rule's field. Undefined: it cannot be read; empty: it demands nothing. */
const CONDITIONS: Readonly<Record<string, Condition>> = {
  cidr: netCondition,
  source: (rule) => only(rule, 'source', { RemotePeers: '(defined(source) && source = RTS_BGP)' }),
  peerType: (rule) => only(rule, 'peerType', { iBGP: 'is_internal', eBGP: '!is_internal' }),
  interface: (rule) => `(defined(ifname) && ifname ~ ${quoted(textAt(rule, 'interface') ?? '')})`,
  communities: (rule) => {
    const communities = textsAt(objectAt(rule, 'communities') ?? {}, 'values').map(communityOf);
    return communities.includes(undefined)
      ? undefined
      : communities.map((each = []) => `(${communityText(each)} ~ ${attribute(each)})`).join(' && ');
  },
  asPathPrefix: (rule) => {
    const numbers = listAt(rule, 'asPathPrefix').map(asNumberOf);
    if (numbers.includes(undefined)) return undefined;
    return numbers.length === 0 ? '' : `(bgp_path ~ [= ${numbers.join(' ')} * =])`;
  },
  priority: (rule) => {
    const priority = integerAt(rule, 'priority', 1, HIGHEST - 1);
    return priority === undefined ? undefined : `(bgp_local_pref = ${HIGHEST - priority})`;
  },
};

const only = (rule: Spec, field: string, texts: Readonly<Record<string, string>>): string | undefined =>
  texts[textAt(rule, field) ?? ''];

const OPERATORS: Readonly<Record<string, string>> = { Equal: '=', NotEqual: '!=', In: '~', NotIn: '!~' };

function netCondition(rule: Spec, family: Family): string | undefined {
  const cidr = parseCidr(textAt(rule, 'cidr') ?? '');
  const operator = OPERATORS[textAt(rule, 'matchOperator') ?? ''];
  if (cidr?.family !== family || operator === undefined) return undefined;
  const lengths = objectAt(rule, 'prefixLength');
  return `(net ${operator} ${lengths === undefined ? cidr.text : prefixes(cidr, lengths)})`;
}

function prefixes(cidr: Cidr, lengths: Spec): string {
  const bits = addressBits(cidr.family);
  const least = Math.max(cidr.length, integerAt(lengths, 'min', 0, bits) ?? 0);
  const most = Math.min(bits, integerAt(lengths, 'max', 0, bits) ?? bits);
  return `[ ${cidr.text}{${least},${most}} ]`;
}

/** Undefined when one of them cannot be read. */
function operationsOf(rule: Spec): readonly string[] | undefined {
  const found = objectsAt(rule, 'operations').map(operation);
  return found.includes(undefined) ? undefined : found.filter((text) => text !== undefined);
}

function operation(given: Spec): string | undefined {
  const added = communityOf(textAt(objectAt(given, 'addCommunity') ?? {}, 'value') ?? '');
  if (added !== undefined) return addCommunity(added);
  const priority = integerAt(objectAt(given, 'setPriority') ?? {}, 'value', 1, HIGHEST - 1);
  if (priority !== undefined) return `bgp_local_pref = ${HIGHEST - priority};`;
  const path = listAt(objectAt(given, 'prependASPath') ?? {}, 'prefix').map(asNumberOf);
  if (path.length === 0 || path.includes(undefined)) return undefined;
  // What is prepended last comes first in the path.
  return path
    .reverse()
    .map((number) => `bgp_path.prepend(${number});`)
    .join(' ');
}
