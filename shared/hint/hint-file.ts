import { platform } from '#platform';
import { sha1 } from '../bytes/hash.ts';
import { toFailure } from '../error/failure-context.ts';
import type { Log } from '../log/log.ts';
import { makeFolder, removeFile, type Status, statusOf } from '../system/files.ts';
import { readRootFile, writeRootFile } from '../system/root-file.ts';

/** On tmpfs: after a boot there is no hint. */
const FOLDER = '/var/run/calico/cni';
const LIMIT = 256 << 10;

/** A file with a hint. Any trouble with it means that there is no hint. */
export interface HintFile {
  /** Tells the file's contents apart without reading them; undefined when there is none. */
  mark(): string | undefined;
  /** The text; undefined when it is not this user's own regular file of a limited size. */
  read(): string | undefined;
  /** Replaces the text as a whole. */
  write(text: string): void;
}

/** The hint of a node's calls to the datastore behind these endpoints. */
export function hintFile(endpoints: readonly string[], node: string, log: Log): HintFile {
  const path = `${FOLDER}/hint-${sha1([...endpoints, node].join(' ')).slice(0, 12)}`;
  return {
    mark: () => attempt(() => markOf(statusOf(path))),
    read: () => attempt(() => readOwn(path)),
    write(text) {
      try {
        replace(path, text);
      } catch (thrown) {
        log.debug('Cannot write the hint for the next call', { file: path, reason: toFailure(thrown).message });
      }
    },
  };
}

function attempt<T>(work: () => T | undefined): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

const markOf = (status: Status | undefined): string | undefined =>
  status && `${status.identity} ${status.writtenAt} ${status.size}`;

function readOwn(path: string): string | undefined {
  const { text, status } = readRootFile(path, LIMIT);
  const { owner, names, mode } = status;
  return owner === platform.euid() && names === 1 && (mode & 0o022) === 0 ? text : undefined;
}

/** The draft has one name, so that a killed call leaves at most one; the next removes it. */
function replace(path: string, text: string): void {
  const draft = `${path}.new`;
  try {
    writeRootFile(path, draft, text, false);
  } catch {
    makeFolder(FOLDER, 0o755);
    removeFile(draft);
    writeRootFile(path, draft, text, false);
  }
}
