import { platform } from '#platform';
import { utf8 } from '../../shared/bytes/text.ts';
import { failure } from '../../shared/error/failure.ts';
import { errnoText } from '../../shared/system/errno.ts';
import { closeFile, Open, openFile, removeFile, writeWhole } from '../../shared/system/files.ts';

/** Replaces a file as a whole, so that node_exporter never reads half of one. Its draft has a name that node_exporter skips. */
export function writeTextfile(path: string, text: string): void {
  const draft = `${path}.${platform.pid}`;
  try {
    replace(path, draft, text);
  } catch (thrown) {
    throw failure(`cannot write ${path}: ${errnoText(thrown)}`, undefined, thrown);
  }
}

function replace(path: string, draft: string, text: string): void {
  const fd = openFile(draft, Open.create, 0o644);
  try {
    writeWhole(fd, utf8(text));
    platform.rename(draft, path);
  } catch (thrown) {
    removeFile(draft);
    throw thrown;
  } finally {
    closeFile(fd);
  }
}
