import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { failure } from '../../shared/error/failure.ts';
import { type Exported, type ExportHead, readHead, readLine } from './export-line.ts';

/** An exported file, read line by line. Throws a Failure naming the file, and the line that is wrong. */
export async function* exportedFile(file: string, head: (head: ExportHead) => void): AsyncGenerator<Exported> {
  let number = 0;
  try {
    const lines = createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
    for await (const line of lines) {
      number++;
      if (number === 1) head(readHead(file, line));
      else yield readLine(file, line, number);
    }
  } catch (thrown) {
    throw (thrown as NodeJS.ErrnoException).code === undefined
      ? thrown
      : failure(`cannot read ${file}`, String(thrown));
  }
  if (number === 0) readHead(file, '');
}
