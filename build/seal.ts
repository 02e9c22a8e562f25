/**
 * Disables Bun's own switches: with BUN_BE_BUN, BUN_OPTIONS, BUN_INSPECT and the like, the caller's environment could
 * make the executable run other code. The names are overwritten in the runtime, byte for byte, so that it looks for
 * names that are never set. `build/compile.ts` tests the result against each of them.
 */

/** A section of an ELF file, by the position of its bytes. */
interface Section {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

const PREFIX = 'BUN_';
/**
 * A key of the constants that Bun substitutes into sources, which must stay an identifier. It only selects .env files,
 * which are off.
 */
const KEPT = 'BUN_ENV';
/** Replaces the first letter: no environment variable starts with it. */
const SEAL = 0x01;

/** Sections by name of a 64-bit little-endian ELF file. */
function readSections(file: Buffer): readonly Section[] {
  const table = Number(file.readBigUInt64LE(0x28));
  const [size, count, namesAt] = [file.readUInt16LE(0x3a), file.readUInt16LE(0x3c), file.readUInt16LE(0x3e)];
  const headers = Array.from({ length: count }, (_, index) => {
    const at = table + index * size;
    const start = Number(file.readBigUInt64LE(at + 24));
    return { name: file.readUInt32LE(at), start, end: start + Number(file.readBigUInt64LE(at + 32)) };
  });
  const names = headers[namesAt]?.start ?? 0;
  const text = (at: number) => file.toString('latin1', names + at, file.indexOf(0, names + at));
  return headers.map((header) => ({ ...header, name: text(header.name) }));
}

/**
 * Seals a runtime in place. Throws if it does not look as expected, so that a new Bun is reviewed before it is used.
 */
export function seal(file: Buffer): void {
  const sections = readSections(file);
  // Bun's own JavaScript is in other sections. There the names are identifiers, read only after a switch was found.
  const searched = sections.filter(({ name }) => name === '.rodata' || name === '.text');
  const names = searched.map((section) => sealNames(file, section)).reduce((sum, count) => sum + count, 0);
  const compared = searched.map((section) => sealComparison(file, section)).reduce((sum, count) => sum + count, 0);
  if (names < 100 || compared !== 1)
    throw new Error(`Cannot seal this Bun: ${names} names and ${compared} comparisons found`);
}

/** Overwrites names that are in the file as text. */
function sealNames(file: Buffer, { start, end }: Section): number {
  let count = 0;
  for (let at = file.indexOf(PREFIX, start); at >= 0 && at < end; at = file.indexOf(PREFIX, at + 1)) {
    if (file.toString('latin1', at, at + KEPT.length) === KEPT) continue;
    file[at] = SEAL;
    count++;
  }
  return count;
}

/**
 * JavaScriptCore's options, BUN_JSC_…, are recognized letter by letter in machine code:
 * x86-64: cmp byte [r+4],'J'; jne; cmp byte [r+5],'S'; jne; … arm64: cmp w,#'J'; b.ne; ldrb; cmp w,#'S'; …
 */
function sealComparison(file: Buffer, section: Section): number {
  return file.readUInt16LE(0x12) === EM_AARCH64 ? sealArm(file, section) : sealX86(file, section);
}

const EM_AARCH64 = 183;
const LETTERS = 'BUN_JSC_';

function sealX86(file: Buffer, { start, end }: Section): number {
  const jump = '(?:\\x75.|\\x0f\\x85....)';
  const compare = [...'JSC_'].map((letter, index) => `\\x${(0x04 + index).toString(16).padStart(2, '0')}${letter}`);
  const pattern = new RegExp(compare.join(`${jump}.{0,1}\\x80.`), 'gs');
  const code = file.toString('latin1', start, end);
  const found = [...code.matchAll(pattern)];
  for (const { index } of found) file[start + index + 1] = SEAL;
  return found.length;
}

function sealArm(file: Buffer, { start, end }: Section): number {
  // cmp Wn, #letter = 0x7100001f | letter << 10 | n << 5
  const letterAt = (at: number) => {
    const word = file.readUInt32LE(at);
    return (word & 0xffc0001f) >>> 0 === 0x7100001f ? (word >>> 10) & 0xfff : -1;
  };
  let count = 0;
  for (let at = start; at + 4 <= end; at += 4) {
    if (letterAt(at) !== LETTERS.charCodeAt(0) || !followsIn(letterAt, at, end)) continue;
    file.writeUInt32LE((file.readUInt32LE(at) & ~(0xfff << 10)) | (SEAL << 10), at);
    count++;
  }
  return count;
}

/** Whether the other letters are compared one after another, each at most five instructions after the previous one. */
function followsIn(letterAt: (at: number) => number, first: number, end: number): boolean {
  let at = first;
  for (const letter of LETTERS.slice(1)) {
    const steps = [1, 2, 3, 4, 5].map((step) => at + 4 * step);
    const next = steps.find((place) => place + 4 <= end && letterAt(place) === letter.charCodeAt(0));
    if (next === undefined) return false;
    at = next;
  }
  return true;
}
