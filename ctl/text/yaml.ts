import { type Document, type ParsedNode, parseAllDocuments, stringify, visit } from 'yaml';
import { isTooDeep } from '../../shared/cni/reader.ts';
import { failure } from '../../shared/error/failure.ts';
import { Bare, truthOf } from '../resource/bare.ts';

/** Merge keys (`<<`) are YAML 1.1, which Go's readers take. */
const OPTIONS = { intAsBigInt: true, logLevel: 'silent', merge: true, uniqueKeys: true } as const;

/** Every document in a YAML or JSON text, without empty ones. Integers beyond 2^53 are bigint. An error names `source`. */
export const parseDocuments = (source: string, text: string): readonly unknown[] =>
  documentsIn(source, text, (value) => value.value);

/** The same, but an unquoted scalar that YAML readers interpret differently becomes a Bare. The type of its field decides what it is. */
export const parseWritten = (source: string, text: string): readonly unknown[] =>
  documentsIn(source, text, (value) => value);

function documentsIn(source: string, text: string, settled: (value: Bare) => unknown): readonly unknown[] {
  try {
    const documents = parseAllDocuments(text, OPTIONS);
    return [...documents].flatMap((document) => contentOf(document, text, settled));
  } catch (thrown) {
    throw failure(`error parsing ${source}: ${reasonOf(thrown)}`);
  }
}

/** Undefined for an empty document. Also throws for aliases that multiply or form a cycle. */
function contentOf(
  document: Document.Parsed<ParsedNode>,
  text: string,
  settled: (value: Bare) => unknown,
): readonly unknown[] {
  const wrong = document.errors.find(({ code }) => code !== 'TAG_RESOLVE_FAILED');
  if (wrong !== undefined) throw wrong;
  refuseTags(document, text);
  const [left] = document.errors;
  if (left !== undefined) throw left;
  keepSpellings(document);
  const value = withPlainNumbers(document.toJS(), settled);
  return value === null || value === undefined ? [] : [value];
}

function reasonOf(thrown: unknown): string {
  if (isTooDeep(thrown)) return 'nested too deeply';
  return thrown instanceof Error ? thrown.message.trim() : String(thrown);
}

const CORE = 'tag:yaml.org,2002:';
/** What their values become in JSON is beyond doubt. */
const PLAIN: ReadonlySet<string> = new Set(
  ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((name) => CORE + name),
);

/** Refuses the first tag whose value would be lost or become another: an unquoted `!has(gpu)` is a tag with an empty text. */
function refuseTags(document: Document.Parsed<ParsedNode>, text: string): void {
  visit(document, {
    Node: (_key, node) => {
      const { tag } = node;
      if (tag === undefined || tag === '!' || PLAIN.has(tag)) return;
      const line = text.slice(0, node.range?.[0] ?? 0).split('\n').length;
      if (tag.startsWith('!'))
        throw failure(`line ${line}: an unquoted ! starts a YAML tag and the value would be lost: quote it`);
      throw failure(
        `line ${line}: the YAML tag ${tag.replace(CORE, '!!')} is not supported: write the value without it`,
      );
    },
  });
}

/** Replaces each unquoted scalar whose text and value differ, or that is a boolean only in YAML 1.1, by a Bare. */
function keepSpellings(document: Document.Parsed<ParsedNode>): void {
  visit(document, {
    Scalar: (place, node) => {
      const { source, type, value, tag } = node;
      if (place === 'key' || type !== 'PLAIN' || source === undefined || tag !== undefined || value === null) return;
      const isOdd = typeof value === 'string' ? truthOf(value) !== undefined : String(value) !== source;
      if (isOdd) (node as { value: unknown }).value = new Bare(source, plainNumber(value));
    },
  });
}

/** YAML that YAML 1.1 readers (Go's) also understand, with sorted fields, as Go writes it; bigint as a plain number. */
export function formatYaml(value: unknown): string {
  return stringify(value, {
    version: '1.1',
    lineWidth: 0,
    aliasDuplicateObjects: false,
    indentSeq: false,
    sortMapEntries: true,
  });
}

/** bigint only if a number would not be exact. */
function plainNumber(value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new Error(`${value} cannot be stored as a number`);
  return typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function withPlainNumbers(value: unknown, settled: (value: Bare) => unknown): unknown {
  if (value instanceof Bare) return settled(value);
  if (Array.isArray(value)) return value.map((item) => withPlainNumbers(item, settled));
  if (typeof value !== 'object' || value === null) return plainNumber(value);
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, withPlainNumbers(field, settled)]));
}
