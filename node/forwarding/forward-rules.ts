import type { NetlinkRequest } from '../../shared/netlink/message.ts';
import { accept, compare, counter, type Expression, interfaceName, loadMeta } from '../nftables/expression.ts';
import { deleteRule, newRule, type RuleFound } from '../nftables/rule.ts';
import type { TableName } from '../nftables/table.ts';

/** A rule that lets pods' packets pass where all others are dropped, in the words of iptables. */
export interface AcceptRule {
  readonly option: '-i' | '-o';
  /** `cali+` */
  readonly pattern: string;
  /** By which it is known again. */
  readonly comment: string;
}

/** What the comments of our rules begin with. */
const MARK = 'calicoctl node run: ';
const DIRECTIONS = [
  ['-i', 'from '],
  ['-o', 'to '],
] as const;

/** The rules for interfaces whose names begin so. */
export const acceptRules = (prefixes: readonly string[]): readonly AcceptRule[] =>
  prefixes.flatMap((prefix) =>
    DIRECTIONS.map(([option, word]) => ({ option, pattern: `${prefix}+`, comment: `${MARK}${word}${prefix}+` })),
  );

/** The rule of ours that has this comment; undefined for any other. */
export function ruleOfComment(comment: string): AcceptRule | undefined {
  const direction = DIRECTIONS.find(([, word]) => comment.startsWith(`${MARK}${word}`));
  if (direction === undefined) return undefined;
  const [option, word] = direction;
  return { option, pattern: comment.slice(MARK.length + word.length), comment };
}

/** Which rules are missing, and which of those found are not wanted, or there twice. */
export interface AcceptChange<Found> {
  readonly missing: readonly AcceptRule[];
  readonly surplus: readonly Found[];
}

export function acceptChange<Found extends { readonly comment: string }>(
  wanted: readonly AcceptRule[],
  found: readonly Found[],
): AcceptChange<Found> {
  const ours = found.filter(({ comment }) => ruleOfComment(comment) !== undefined);
  const first = (comment: string) => ours.find((rule) => rule.comment === comment);
  return {
    missing: wanted.filter(({ comment }) => first(comment) === undefined),
    surplus: ours.filter(
      (rule) => first(rule.comment) !== rule || !wanted.some(({ comment }) => comment === rule.comment),
    ),
  };
}

/** The messages that make a chain so, with rules that iptables can list. */
export const acceptMessages = (
  table: TableName,
  chain: string,
  { missing, surplus }: AcceptChange<RuleFound>,
): readonly NetlinkRequest[] => [
  ...surplus.map((rule) => deleteRule(table, rule)),
  ...missing.map((rule) => newRule(table, chain, rule.comment, expressionsOf(rule))),
];

const expressionsOf = ({ option, pattern }: AcceptRule): readonly Expression[] => [
  loadMeta(option === '-i' ? 'inputInterface' : 'outputInterface'),
  compare(interfaceName(pattern)),
  counter(),
  accept(),
];

/** What was changed in the chain FORWARD of a program. */
export function acceptLines(program: string, { missing, surplus }: AcceptChange<unknown>): readonly string[] {
  const patterns = [...new Set(missing.map(({ pattern }) => pattern))].join(', ');
  const added = `${program} drops forwarded packets by policy: added rules to FORWARD that accept those of ${patterns}`;
  const removed = `${program}: removed rules from FORWARD that accept forwarded packets of pods`;
  return [...(missing.length === 0 ? [] : [added]), ...(surplus.length === 0 ? [] : [removed])];
}
