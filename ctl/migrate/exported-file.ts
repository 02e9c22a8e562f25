import { joinBytes } from '../../shared/bytes/join.ts';
import { fromUtf8 } from '../../shared/bytes/text.ts';
import { failure } from '../../shared/error/failure.ts';
import { errnoName, errnoText } from '../../shared/system/errno.ts';
import { closeFile, Open, openFile, readInto } from '../../shared/system/files.ts';
import { type Exported, type ExportHead, readHead, readLine } from './export-line.ts';

const CHUNK = 64 << 10;
const LINE_FEED = 10;

/** An exported file, read line by line. Throws a Failure naming the file, and the line that is wrong. */
export function* exportedFile(file: string, head: (head: ExportHead) => void): Generator<Exported> {
  let number = 0;
  for (const line of linesOf(file)) {
    number++;
    if (number === 1) head(readHead(file, line));
    else yield readLine(file, line, number);
  }
  if (number === 0) readHead(file, '');
}

/** The lines of a file, without keeping it in memory. */
function* linesOf(file: string): Generator<string> {
  const fd = reading(file, () => openFile(file, Open.read));
  try {
    let rest: Uint8Array = new Uint8Array(0);
    for (;;) {
      const part = new Uint8Array(CHUNK);
      const length = reading(file, () => readInto(fd, part));
      if (length === 0) break;
      const bytes = joinBytes([rest, part.subarray(0, length)]);
      let begin = 0;
      for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, begin)) {
        yield textOf(bytes.subarray(begin, end));
        begin = end + 1;
      }
      rest = bytes.slice(begin);
    }
    if (rest.length > 0) yield textOf(rest);
  } finally {
    closeFile(fd);
  }
}

const textOf = (line: Uint8Array): string => fromUtf8(line).replace(/\r$/, '');

function reading<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    if (errnoName(thrown) === undefined) throw thrown;
    throw failure(`cannot read ${file}`, errnoText(thrown));
  }
}
