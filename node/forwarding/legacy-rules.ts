import { type AcceptRule, ruleOfComment } from './forward-rules.ts';

/** The chain FORWARD as `iptables -S FORWARD` prints it. */
export interface LegacyForward {
  readonly drops: boolean;
  /** Our rules in it. */
  readonly ours: readonly AcceptRule[];
}

const COMMENT = '--comment "';

export function readLegacyForward(printed: string): LegacyForward {
  const lines = printed.split('\n').map((line) => line.trim());
  return {
    drops: lines.includes('-P FORWARD DROP'),
    ours: lines
      .filter((line) => line.startsWith('-A FORWARD '))
      .flatMap((line) => ruleOfComment(commentOf(line)) ?? []),
  };
}

function commentOf(line: string): string {
  const at = line.indexOf(COMMENT);
  const start = at + COMMENT.length;
  return at < 0 ? '' : line.slice(start, line.indexOf('"', start));
}

/** The arguments that append or delete a rule. */
export const legacyWords = (verb: '-A' | '-D', { option, pattern, comment }: AcceptRule): readonly string[] => [
  verb,
  'FORWARD',
  option,
  pattern,
  '-m',
  'comment',
  '--comment',
  comment,
  '-j',
  'ACCEPT',
];
