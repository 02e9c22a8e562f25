import { fromUtf8, utf8 } from '../../shared/bytes/text.ts';
import { failure } from '../../shared/error/failure.ts';

const NEWLINE = 10;
/** What invalid bytes become; a text may also hold it. */
const REPLACEMENT = '\ufffd';

/** The text that these bytes of `source` are, from its line `first` on. Bytes that are not UTF-8 are refused: what was stored would be another text. */
export function exactText(source: string, bytes: Uint8Array, first = 1): string {
  const text = fromUtf8(bytes);
  if (!text.includes(REPLACEMENT)) return text;
  const back = utf8(text);
  const wrong = back.findIndex((byte, at) => byte !== bytes[at]);
  if (wrong === -1) return text;
  const line = bytes.subarray(0, wrong).filter((byte) => byte === NEWLINE).length + first;
  throw failure(
    `error parsing ${source}: line ${line} is not in UTF-8`,
    'save it in UTF-8, or convert it: iconv -f LATIN1 -t UTF-8',
  );
}
