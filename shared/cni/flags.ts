/** How a command line ends before any CNI work: what to print and where, and the exit status. */
export type ParsedFlags = { readonly flag: string | undefined } | { readonly usage: string; readonly status: number };

/**
 * Reads flags as Go's flag package does: one or two dashes, an optional `=true`, up to the first word that is not a flag; what
 * follows is ignored. The first flag set wins.
 */
export function readFlags(argv: readonly string[], name: string, known: Readonly<Record<string, string>>): ParsedFlags {
  const word = argv[0];
  if (word === undefined || !/^--?[^-]/.test(word)) return { flag: undefined };
  const [flag = '', value = 'true'] = word.replace(/^--?/, '').split('=');
  if (flag === 'h' || flag === 'help') return { usage: usage(name, known), status: 0 };
  if (known[flag] === undefined) {
    return { usage: `flag provided but not defined: -${flag}\n${usage(name, known)}`, status: 2 };
  }
  if (['1', 't', 'true', 'T', 'TRUE', 'True'].includes(value)) return { flag };
  if (['0', 'f', 'false', 'F', 'FALSE', 'False'].includes(value)) return readFlags(argv.slice(1), name, known);
  return { usage: `invalid boolean value "${value}" for -${flag}: parse error\n${usage(name, known)}`, status: 2 };
}

function usage(name: string, known: Readonly<Record<string, string>>): string {
  const lines = Object.entries(known).map(([flag, text]) => `  -${flag}\t${text}\n`);
  return `Usage of ${name}:\n${lines.join('')}`;
}
