const FIELD = '"sequenceNumber":';

/** Whether a block's text has a later sequence number than another's: each write of a block adds 1. False when either has none. */
export function isNewer(text: string, than: string): boolean {
  const [one, other] = [sequenceIn(text), sequenceIn(than)];
  return one !== undefined && other !== undefined && one > other;
}

/** The number in JSON, without parsing the rest. */
function sequenceIn(text: string): bigint | undefined {
  // It comes after the addresses, which are most of the text.
  const field = text.lastIndexOf(FIELD);
  if (field === -1) return undefined;
  const from = field + FIELD.length + (text[field + FIELD.length] === ' ' ? 1 : 0);
  let to = from;
  while (isDigit(text.charCodeAt(to))) to++;
  return to === from || to - from > MOST_DIGITS ? undefined : BigInt(text.slice(from, to));
}

/** Of a 64-bit number. */
const MOST_DIGITS = 20;

const isDigit = (code: number): boolean => code >= 48 && code <= 57;
