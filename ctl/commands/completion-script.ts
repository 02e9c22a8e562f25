import type { Command, Option } from '../command-line/command.ts';

/** Shells with completion. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** What can be completed. */
export interface Words {
  readonly commands: readonly Command[];
  /** Options of every command. */
  readonly common: readonly Option[];
}

/** The completion script for a shell. */
export function completionScript(shell: Shell, words: Words): string {
  if (shell === 'fish') return fishScript(words);
  if (shell === 'bash') return bashScript(words);
  return `#compdef calicoctl\nautoload -U +X bashcompinit && bashcompinit\n${bashScript(words)}`;
}

/** The spellings of an option: `-f`, `--filename`. */
const spellings = ({ flags }: Option): readonly string[] => flags.match(/(?<=^|, )--?[\w-]+/g) ?? [];
const takesValue = ({ flags }: Option): boolean => flags.includes('<');
const isFile = ({ flags }: Option): boolean => flags.includes('<file>');

/** What may follow each sequence of words, e.g. `ipam ` → `check show …`. Options follow a complete command. */
function followers({ commands, common }: Words): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>([['', []]]);
  const add = (line: string, words: readonly string[]) => {
    const known = found.get(line) ?? [];
    found.set(line, [...known, ...words.filter((word) => !known.includes(word))]);
  };
  for (const { words, operand = [], options } of commands) {
    const parts = words.split(' ');
    for (const [at, part] of parts.entries()) add(parts.slice(0, at).join(' '), [part]);
    add(words, [...operand, ...[...options, ...common].flatMap(spellings)]);
  }
  add('', ['help', '--help', '--version']);
  return found;
}

function bashScript(words: Words): string {
  const options = [...words.commands.flatMap((command) => command.options), ...words.common].filter(takesValue);
  const patterns = (chosen: readonly Option[]) => [...new Set(chosen.flatMap(spellings))].join('|');
  const chosen = options.filter(({ choices }) => choices !== undefined);
  const cases = chosen.map(
    (option) =>
      `    ${patterns([option])}) COMPREPLY=($(compgen -W "${option.choices?.join(' ')}" -- "$cur")); return ;;`,
  );
  const lines = [...followers(words)].map(([line, next]) => `    "${line}") next="${next.join(' ')}" ;;`);
  return [
    '_calicoctl() {',
    '  local cur prev line= next= skip= word',
    `  cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}`,
    '  case "$prev" in',
    `    ${patterns(options.filter(isFile))}) COMPREPLY=($(compgen -f -- "$cur")); return ;;`,
    ...new Set(cases),
    '  esac',
    // The words so far without options and their values: a command and its operands.
    `  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do`,
    '    if [ -n "$skip" ]; then skip=; continue; fi',
    '    case "$word" in',
    `      ${patterns(options)}) skip=1 ;;`,
    '      -*) ;;',
    `      *) line="\${line:+$line }$word" ;;`,
    '    esac',
    '  done',
    '  case "$line" in',
    ...lines,
    '  esac',
    '  COMPREPLY=($(compgen -W "$next" -- "$cur"))',
    '}',
    'complete -F _calicoctl calicoctl',
    '',
  ].join('\n');
}

/** In fish: the command line begins with these words. */
const after = (typed: string) => `string match -q "calicoctl ${typed} *" -- (commandline -cp)`;

/** A line for each word of a command after its first. */
function furtherWords(words: string, summary: string): readonly string[] {
  const parts = words.split(' ');
  return parts.slice(1).map((part, at) => {
    const [before, whole] = [parts.slice(0, at + 1).join(' '), parts.slice(0, at + 2).join(' ')];
    const about = whole === words ? ` -d ${quoted(summary)}` : '';
    return `complete -c calicoctl -n '${after(before)}; and not ${after(whole)}' -a ${part}${about}`;
  });
}

function fishScript({ commands, common }: Words): string {
  const roots = [...new Set(commands.map(({ words }) => words.split(' ')[0] ?? ''))];
  const lines = [`complete -c calicoctl -f`];
  for (const root of roots) {
    const summary = commands.find(({ words }) => words === root)?.summary ?? '';
    lines.push(`complete -c calicoctl -n __fish_use_subcommand -a ${root} -d ${quoted(summary)}`);
  }
  for (const { words, operand = [], options, summary } of commands) {
    lines.push(...furtherWords(words, summary));
    if (operand.length > 0) lines.push(`complete -c calicoctl -n '${after(words)}' -a '${operand.join(' ')}'`);
    for (const option of options) lines.push(`complete -c calicoctl -n '${after(words)}' ${fishOption(option)}`);
  }
  for (const option of common) lines.push(`complete -c calicoctl ${fishOption(option)}`);
  return `${lines.join('\n')}\n`;
}

function fishOption(option: Option): string {
  const names = spellings(option).map((name) =>
    name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`,
  );
  const values = option.choices === undefined ? '' : ` -a '${option.choices.join(' ')}'`;
  const value = isFile(option) ? ' -r -F' : takesValue(option) ? ` -x${values}` : '';
  return `${names.join(' ')}${value} -d ${quoted(option.summary)}`;
}

/** In fish's single quotes. */
const quoted = (text: string): string => `'${text.replaceAll(/[\\']/g, '\\$&')}'`;
