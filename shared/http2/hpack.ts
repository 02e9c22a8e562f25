import { fromLatin1, latin1 } from '../bytes/text.ts';
import { headersTooLarge, MOST_HEADERS } from './allowance.ts';
import { decodeHuffman } from './huffman.ts';

/** Header fields in order, names in lower case. */
export type Field = readonly [name: string, value: string];

/** Header fields by lower-case name, as a decoded answer holds them. */
export type HeaderFields = Readonly<Record<string, string | number | readonly string[] | undefined>>;

/** RFC 7541, appendix A: entry 1 first, name and value separated by a blank. */
const STATIC: readonly string[] = (
  ':authority|:method GET|:method POST|:path /|:path /index.html|:scheme http|:scheme https|:status 200|:status 204|' +
  ':status 206|:status 304|:status 400|:status 404|:status 500|accept-charset|accept-encoding gzip, deflate|' +
  'accept-language|accept-ranges|accept|access-control-allow-origin|age|allow|authorization|cache-control|' +
  'content-disposition|content-encoding|content-language|content-length|content-location|content-range|content-type|' +
  'cookie|date|etag|expect|expires|from|host|if-match|if-modified-since|if-none-match|if-range|if-unmodified-since|' +
  'last-modified|link|location|max-forwards|proxy-authenticate|proxy-authorization|range|referer|refresh|retry-after|' +
  'server|set-cookie|strict-transport-security|transfer-encoding|user-agent|vary|via|www-authenticate'
).split('|');

/** Few of the entries are ever referred to. */
function staticField(index: number): Field | undefined {
  const entry = STATIC[index - 1];
  if (entry === undefined) return undefined;
  const blank = entry.indexOf(' ');
  return blank === -1 ? [entry, ''] : [entry.slice(0, blank), entry.slice(blank + 1)];
}

/** What an entry of the dynamic table costs in addition to its characters (section 4.1). */
const ENTRY_OVERHEAD = 32;
const TABLE_SIZE = 4096;

/** Encodes a header block with every field written out, so that the other side has nothing to remember. */
export function encodeFields(fields: readonly Field[]): Uint8Array {
  return latin1(fields.map(([name, value]) => `\0${literal(name)}${literal(value)}`).join(''));
}

/** As a string of one character per byte, which the engine joins faster than lists of bytes. */
const literal = (text: string): string => String.fromCharCode(...integer(text.length, 7)) + text;

/** An integer in a prefix of so many bits, and the bytes after it (section 5.1). */
function integer(value: number, bits: number): readonly number[] {
  const most = 2 ** bits - 1;
  if (value < most) return [value];
  const bytes = [most];
  let rest = value - most;
  for (; rest >= 128; rest >>>= 7) bytes.push((rest & 127) | 128);
  return [...bytes, rest];
}

/** Fields of earlier blocks of a connection that later ones may refer to (section 2.3). */
interface Table {
  entry(index: number): Field;
  add(field: Field): void;
  resize(limit: number): void;
}

function openTable(): Table {
  const dynamic: Field[] = [];
  let limit = TABLE_SIZE;
  let size = 0;
  const evict = (): void => {
    while (size > limit) {
      const oldest = dynamic.pop();
      size -= oldest === undefined ? size : sizeOf(oldest);
    }
  };
  return {
    entry: (index) => {
      const field = index <= STATIC.length ? staticField(index) : dynamic[index - STATIC.length - 1];
      if (field === undefined) throw new Error(`a header refers to entry ${index}, which does not exist`);
      return field;
    },
    add: (field) => {
      dynamic.unshift(field);
      size += sizeOf(field);
      evict();
    },
    resize: (wanted) => {
      limit = Math.min(wanted, TABLE_SIZE);
      evict();
    },
  };
}

/** Decodes the header blocks of one connection, in their order: later ones refer to earlier ones. Throws on an invalid or too large block. */
export function openDecoder(): (block: Uint8Array) => readonly Field[] {
  const table = openTable();
  return (block) => {
    const reader = openReader(block);
    const fields: Field[] = [];
    let size = 0;
    while (reader.more()) {
      for (const field of decodeField(reader, table)) {
        size += sizeOf(field);
        // One byte may stand for a whole earlier field.
        if (size > MOST_HEADERS) throw headersTooLarge();
        fields.push(field);
      }
    }
    return fields;
  };
}

/** One representation (section 6): a field, or a change of the table's size. */
function decodeField(reader: Reader, table: Table): readonly Field[] {
  const first = reader.peek();
  if (first >= 0x80) return [table.entry(reader.integer(7))];
  if (first >= 0x20 && first < 0x40) {
    table.resize(reader.integer(5));
    return [];
  }
  const index = reader.integer(first >= 0x40 ? 6 : 4);
  const field: Field = [index === 0 ? reader.text() : table.entry(index)[0], reader.text()];
  if (first >= 0x40) table.add(field);
  return [field];
}

const sizeOf = ([name, value]: Field): number => name.length + value.length + ENTRY_OVERHEAD;

interface Reader {
  more(): boolean;
  peek(): number;
  integer(bits: number): number;
  text(): string;
}

function openReader(block: Uint8Array): Reader {
  let at = 0;
  const next = (): number => {
    const byte = block[at++];
    if (byte === undefined) throw new Error('a header block ends too early');
    return byte;
  };
  const integer = (bits: number): number => {
    const most = 2 ** bits - 1;
    let value = next() & most;
    if (value < most) return value;
    for (let shift = 0; shift <= 21; shift += 7) {
      const byte = next();
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
    throw new Error('a header contains an invalid number');
  };
  return {
    more: () => at < block.length,
    peek: () => block[at] ?? 0,
    integer,
    text: () => {
      const coded = (block[at] ?? 0) >= 0x80;
      const length = integer(7);
      if (at + length > block.length) throw new Error('a header block ends too early');
      const bytes = block.subarray(at, at + length);
      at += length;
      return coded ? decodeHuffman(bytes) : fromLatin1(bytes);
    },
  };
}
