import { failure } from '../../shared/error/failure.ts';
import type { Family } from '../../shared/net/address.ts';
import { findProgram, run } from '../../shared/system/exec.ts';
import { exists, readText } from '../../shared/system/files.ts';
import { type FelixRules, felixRulesPrinted } from './felix-rules.ts';
import { acceptChange, acceptLines, acceptRules } from './forward-rules.ts';
import { legacyWords, readLegacyForward } from './legacy-rules.ts';

/** The chain FORWARD of the older iptables, which nf_tables does not know: only its own program changes it. */
export interface LegacyChain {
  /** As in ForwardChain, if this machine uses that table, and has the program. */
  bring(prefixes: readonly string[]): readonly string[];
  /** Rules of Felix that the last look has found. */
  felix(): readonly FelixRules[];
}

const NAMES: Readonly<Record<Family, { readonly tables: string; readonly program: string }>> = {
  4: { tables: '/proc/net/ip_tables_names', program: 'iptables' },
  6: { tables: '/proc/net/ip6_tables_names', program: 'ip6tables' },
};
/** Each look starts a program: unless the prefixes have changed, only every twelfth check looks. */
const LOOK_AGAIN = 12;

export function legacyChain(family: Family): LegacyChain {
  let looks = 0;
  let isTold = false;
  let earlier: string | undefined;
  let felix: readonly FelixRules[] = [];
  const bring = (prefixes: readonly string[]): readonly string[] => {
    if (!usesLegacyFilter(family)) return [];
    if (earlier === prefixes.join() && ++looks < LOOK_AGAIN) return [];
    [earlier, looks] = [prefixes.join(), 0];
    const program = legacyProgram(family);
    if (program !== undefined) {
      const printed = carryOut(program, ['-S', 'FORWARD']);
      felix = felixRulesPrinted(program, printed);
      return bringWith(program, family, prefixes, printed);
    }
    if (isTold || prefixes.length === 0) return [];
    isTold = true;
    return [withoutProgram(family, prefixes)];
  };
  return { bring, felix: () => felix };
}

/** Whether a table filter has been made with iptables-legacy. */
function usesLegacyFilter(family: Family): boolean {
  const { tables } = NAMES[family];
  return exists(tables) && readText(tables).split('\n').includes('filter');
}

/** The program for these tables; undefined if this machine has none. */
function legacyProgram(family: Family): string | undefined {
  const { program } = NAMES[family];
  const path = findProgram(`${program}-legacy`);
  if (path !== undefined) return path;
  const usual = findProgram(program);
  // Those before nf_tables do not say which they are.
  return usual === undefined || run(usual, ['-V'], {}).stdout.includes('nf_tables') ? undefined : usual;
}

function bringWith(program: string, family: Family, prefixes: readonly string[], printed: string): readonly string[] {
  const { drops, ours } = readLegacyForward(printed);
  const { missing, surplus } = acceptChange(drops ? acceptRules(prefixes) : [], ours);
  for (const rule of surplus) carryOut(program, legacyWords('-D', rule));
  for (const rule of missing) carryOut(program, legacyWords('-A', rule));
  return acceptLines(NAMES[family].program, { missing, surplus });
}

/** Waits for others that change the tables. */
const WAIT = ['-w', '5'];

function carryOut(program: string, words: readonly string[]): string {
  const { status, stdout, stderr } = run(program, [...WAIT, ...words], {});
  if (status === 0) return stdout;
  throw failure(`${program} failed with status ${status}`, `${[program, ...words].join(' ')}: ${stderr.trim()}`);
}

const withoutProgram = (family: Family, prefixes: readonly string[]): string => {
  const { program } = NAMES[family];
  const commands = acceptRules(prefixes).map(
    (rule) => `${program} -A FORWARD ${rule.option} ${rule.pattern} -j ACCEPT`,
  );
  return (
    `this machine has rules made with ${program}-legacy, but that program is not installed here: if its chain FORWARD has the ` +
    `policy DROP, pods reach nothing beyond this machine until these commands are run on the host: ${commands.join('; ')}`
  );
};
