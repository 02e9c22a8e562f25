import { utf8 } from '../../shared/bytes/text.ts';
import { failure } from '../../shared/error/failure.ts';
import { programPath, runFile } from '../../shared/system/exec.ts';
import { closeFile, Open, openFile, writeWhole } from '../../shared/system/files.ts';
import { type TarFile, tar } from './tar.ts';

const GZIP_MS = 60_000;

/**
 * Writes a new archive that only its owner can read, compressed where there is a gzip. `path` is without an ending. Returns the path.
 */
export function writeArchive(path: string, files: readonly TarFile[], at: number): string {
  const plain = `${path}.tar`;
  try {
    // Never through a link that somebody else has made there.
    const fd = openFile(plain, Open.create | Open.noLink, 0o600);
    try {
      writeWhole(fd, tar(files, at));
    } finally {
      closeFile(fd);
    }
  } catch (thrown) {
    throw failure(`cannot write ${plain}: ${thrown instanceof Error ? thrown.message : thrown}`);
  }
  return isCompressed(plain) ? `${plain}.gz` : plain;
}

function isCompressed(plain: string): boolean {
  try {
    return runFile(programPath('gzip'), ['-n', plain], { timeout: GZIP_MS }).status === 0;
  } catch {
    return false;
  }
}

const LONGEST_PATH = 100;

/** A text of the archive as a file of it. */
export function fileOf(folder: string, { name, text }: { readonly name: string; readonly text: string }): TarFile {
  const ascii = name.replaceAll(/[^\x21-\x7e]/g, '_');
  return { path: `${folder}/${ascii}`.slice(0, LONGEST_PATH), content: utf8(text) };
}
