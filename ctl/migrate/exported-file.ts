import { joinBytes } from '../../shared/bytes/join.ts';
import { failure } from '../../shared/error/failure.ts';
import { errnoName } from '../../shared/system/errno.ts';
import { closeFile, Open, openFile, readInto } from '../../shared/system/files.ts';
import { exactText } from '../text/utf8.ts';
import { type Exported, type ExportHead, endLine, readHead, readLine } from './export-line.ts';

const NEWLINE = 10;
const PIECE = 65_536;

/** An exported file, read line by line. Throws a Failure naming the file, and the line that is wrong. */
export function* exportedFile(file: string, head: (head: ExportHead) => void): Generator<Exported> {
  let number = 0;
  let isWhole = false;
  try {
    for (const bytes of linesOf(file)) {
      number++;
      const line = textOf(file, bytes, number);
      if (number === 1) head(readHead(file, line));
      else {
        isWhole = line === endLine(number - 2).trimEnd();
        if (!isWhole) yield readLine(file, line, number);
      }
    }
  } catch (thrown) {
    throw errnoName(thrown) === undefined ? thrown : failure(`cannot read ${file}`, String(thrown));
  }
  if (number === 0) readHead(file, '');
  if (!isWhole) throw failure(`${file} is incomplete: its last line is missing`, 'export again');
}

/** The lines of a file, which need not fit into memory together. */
function* linesOf(file: string): Generator<Uint8Array> {
  const fd = openFile(file, Open.read);
  try {
    let begun: Uint8Array[] = [];
    for (let piece = nextPiece(fd); piece.length > 0; piece = nextPiece(fd)) {
      let at = 0;
      for (let end = piece.indexOf(NEWLINE); end >= 0; end = piece.indexOf(NEWLINE, at)) {
        yield joinBytes([...begun, piece.subarray(at, end)]);
        begun = [];
        at = end + 1;
      }
      if (at < piece.length) begun.push(piece.subarray(at));
    }
    if (begun.length > 0) yield joinBytes(begun);
  } finally {
    closeFile(fd);
  }
}

function nextPiece(fd: number): Uint8Array {
  const buffer = new Uint8Array(PIECE);
  return buffer.subarray(0, readInto(fd, buffer));
}

function textOf(file: string, bytes: Uint8Array, number: number): string {
  const text = exactText(file, bytes, number);
  return text.endsWith('\r') ? text.slice(0, -1) : text;
}
