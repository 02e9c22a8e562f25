import { failure } from '../../shared/error/failure.ts';
import { errnoText } from '../../shared/system/errno.ts';
import { folderOf } from '../../shared/system/file-name.ts';
import { readBytes } from '../../shared/system/files.ts';
import { exactText } from '../text/utf8.ts';
import { parseDocuments } from '../text/yaml.ts';
import { readWebConfig, type WebConfig } from './web-config.ts';

/** What is served when no file says otherwise. */
export const OPEN: WebConfig = { tls: undefined, users: {}, headers: {} };

/** Reads a web-config file and the files that it names. Throws a Failure. */
export function webConfigIn(file: string): WebConfig {
  const documents = parseDocuments(file, textOf(file));
  if (documents.length > 1) throw failure(`${file} holds ${documents.length} documents`, 'give a file with one');
  const named = (path: string) => textOf(path.startsWith('/') ? path : `${folderOf(file)}/${path}`);
  return readWebConfig(file, documents[0], named);
}

const textOf = (path: string): string => exactText(path, bytesOf(path));

function bytesOf(path: string): Uint8Array {
  try {
    return readBytes(path);
  } catch (thrown) {
    throw failure(`cannot read ${path}: ${errnoText(thrown)}`, undefined, thrown);
  }
}
