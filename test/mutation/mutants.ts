/** One small change to a source file that its tests should detect. */
export interface Mutant {
  readonly line: number;
  readonly before: string;
  readonly after: string;
  /** The whole file with the change. */
  readonly source: string;
}

/** Replacements that apply anywhere in code. */
const SWAPS: readonly (readonly [RegExp, string])[] = [
  [/ === /g, ' !== '],
  [/ !== /g, ' === '],
  [/ <= /g, ' < '],
  [/ >= /g, ' > '],
  [/ < (?!=)/g, ' <= '],
  [/ > (?!=)/g, ' >= '],
  [/ && /g, ' || '],
  [/ \|\| /g, ' && '],
  [/\btrue\b/g, 'false'],
  [/\bfalse\b/g, 'true'],
  [/ \+ 1\b/g, ' + 2'],
  [/ - 1\b/g, ' - 2'],
  [/(?<=\bif )\(/g, '(false && '],
];

/** Lines without behaviour: imports, and what only the type checker reads. */
const TYPES = /^\s*(?:import|export \{|\}? ?from|readonly|(?:export )?(?:interface|type)\b|[|*] )/;

/** Every mutant of a source, in file order. */
export function mutantsOf(source: string): readonly Mutant[] {
  const code = blanked(source);
  const lines = code.split('\n');
  const starts = lines.map((_, at) => lines.slice(0, at).reduce((sum, line) => sum + line.length + 1, 0));
  return lines.flatMap((line, at) => {
    if (TYPES.test(line)) return [];
    return SWAPS.flatMap(([pattern, replacement]) =>
      [...line.matchAll(pattern)].map(({ index, 0: found }) =>
        mutant(source, at, (starts[at] ?? 0) + index, found, replacement),
      ),
    );
  });
}

function mutant(source: string, at: number, offset: number, found: string, replacement: string): Mutant {
  const changed = source.slice(0, offset) + replacement + source.slice(offset + found.length);
  const lineOf = (text: string): string => (text.split('\n')[at] ?? '').trim();
  return { line: at + 1, before: lineOf(source), after: lineOf(changed), source: changed };
}

/** The source with comments and string contents blanked, so that offsets stay the same. */
function blanked(source: string): string {
  const dull = (text: string): string => text.replaceAll(/[^\n]/g, ' ');
  return source.replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/gm, dull);
}
