import { type Document, parseAllDocuments, stringify } from 'yaml';
import { failure } from '../shared/cni/error.ts';
import { isTooDeep } from '../shared/cni/reader.ts';

/** Every document of a YAML or JSON text, empty ones left out; integers beyond 2^53 as bigint. Throws naming `source`. */
export function parseDocuments(source: string, text: string): readonly unknown[] {
  try {
    const documents = parseAllDocuments(text, { intAsBigInt: true, logLevel: 'silent', uniqueKeys: true });
    return [...documents].map(contentOf).filter((value) => value !== null && value !== undefined);
  } catch (thrown) {
    throw failure(`error parsing ${source}: ${reasonOf(thrown)}`);
  }
}

function contentOf(document: Document.Parsed): unknown {
  const [wrong] = document.errors;
  if (wrong !== undefined) throw wrong;
  return withPlainNumbers(document.toJS());
}

function reasonOf(thrown: unknown): string {
  if (isTooDeep(thrown)) return 'nested too deeply';
  return thrown instanceof Error ? thrown.message.trim() : String(thrown);
}

/** As YAML 1.1 readers (Go's) understand it too, fields in order of their names as Go writes them; bigint as a plain number. */
export function formatYaml(value: unknown): string {
  return stringify(value, {
    version: '1.1',
    lineWidth: 0,
    aliasDuplicateObjects: false,
    indentSeq: false,
    sortMapEntries: true,
  });
}

/** bigint only where a number would not be exact. */
function withPlainNumbers(value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new Error(`${value} is no number that can be stored`);
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (Array.isArray(value)) return value.map(withPlainNumbers);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, withPlainNumbers(field)]));
}
