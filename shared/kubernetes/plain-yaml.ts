/** A non-empty line: its indentation and text. */
interface Line {
  readonly indent: number;
  readonly text: string;
}

/** YAML that this reader does not support. */
class NotPlain extends Error {}

const KEY = /^([A-Za-z][\w./-]*):(?: +(.*))?$/;
/** One-line strings that YAML cannot read as a number, boolean, indicator or comment. */
const PLAIN = /^(?!(?:true|false|null|yes|no|on|off|y|n)$)[A-Za-z/](?:[\w./+=@%,-]|:(?=\S)| (?=[\w./+=@%-]))*$/i;
const QUOTED = /^(?:"([^"\\]*)"|'([^']*)')$/;
const WORDS: Readonly<Record<string, unknown>> = { true: true, false: false, '{}': {}, '[]': [] };

/**
 * Parses YAML as programs write kubeconfigs: nested mappings and lists of one-line values. Undefined for anything else, which the
 * library parses. On a cold start the library takes 14 ms for what this does in less than 1 ms.
 */
export function parsePlainYaml(text: string): unknown {
  try {
    const lines = linesOf(text);
    const rest = [...lines];
    const value = readBlock(rest, rest[0]?.indent ?? 0);
    return rest.length === 0 ? value : undefined;
  } catch (thrown) {
    if (thrown instanceof NotPlain) return undefined;
    throw thrown;
  }
}

function linesOf(text: string): readonly Line[] {
  const lines = text
    .replace(/^---\r?\n/, '')
    .split(/\r?\n/)
    .filter((line) => !/^\s*(?:#.*)?$/.test(line));
  return lines.map((line) => {
    if (line.includes('\t')) throw new NotPlain();
    const content = line.trim();
    return { indent: line.length - line.trimStart().length, text: content };
  });
}

const isItem = (line: Line): boolean => line.text === '-' || line.text.startsWith('- ');

/** Consumes the mapping or list that begins here. */
function readBlock(rest: Line[], indent: number): unknown {
  const [first] = rest;
  if (first === undefined || first.indent !== indent) throw new NotPlain();
  return isItem(first) ? readList(rest, indent) : readMapping(rest, indent);
}

function readList(rest: Line[], indent: number): readonly unknown[] {
  const items: unknown[] = [];
  for (let line = rest[0]; line !== undefined && line.indent === indent && isItem(line); line = rest[0]) {
    const text = line.text.slice(1).trimStart();
    if (KEY.test(text)) {
      // `- key: …` opens a mapping at the key's own column.
      const column = indent + line.text.length - text.length;
      rest[0] = { indent: column, text };
      items.push(readMapping(rest, column));
    } else {
      rest.shift();
      items.push(readScalar(text));
    }
  }
  return items;
}

function readMapping(rest: Line[], indent: number): Readonly<Record<string, unknown>> {
  const fields = new Map<string, unknown>();
  for (let line = rest[0]; line !== undefined && line.indent === indent && !isItem(line); line = rest[0]) {
    const [, key = '', value = ''] = KEY.exec(line.text) ?? [];
    if (key === '' || fields.has(key)) throw new NotPlain();
    rest.shift();
    fields.set(key, value === '' ? readBelow(rest, indent) : readScalar(value));
  }
  if (rest[0] !== undefined && rest[0].indent > indent) throw new NotPlain();
  return Object.fromEntries(fields);
}

/** The block after a key without a value: a list may begin in the key's own column. */
function readBelow(rest: Line[], indent: number): unknown {
  const [next] = rest;
  if (next === undefined || next.indent < indent || (next.indent === indent && !isItem(next))) throw new NotPlain();
  return readBlock(rest, next.indent);
}

function readScalar(text: string): unknown {
  if (Object.hasOwn(WORDS, text)) return WORDS[text];
  const quoted = QUOTED.exec(text);
  if (quoted !== null) return quoted[1] ?? quoted[2];
  if (PLAIN.test(text)) return text;
  throw new NotPlain();
}
