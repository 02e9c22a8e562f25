import { platform } from '#platform';
import { hex } from '../../shared/bytes/text.ts';
import { errnoName } from '../../shared/system/errno.ts';
import { folderOf } from '../../shared/system/file-name.ts';
import { exists, makeFolder, namesInFolder, readText, removeFile, syncPath } from '../../shared/system/files.ts';
import { readRootFile, writeRootFile } from '../../shared/system/root-file.ts';
import { entryText, type JournalEntry, readEntry } from './journal-entry.ts';

/** Where releases are kept on this node until the datastore can take them. */
export const FOLDER = '/var/lib/calico/cni-journal';
const SUFFIX = '.json';
/** The beginning of a draft's name; the mark of the process that writes it follows. */
const DRAFT = '.new';
/** No entry is larger. */
const LIMIT = 64 << 10;

/** The beginning of the names of a container's entries. */
export const beginningOf = (containerID: string): string => `${containerID.slice(0, 64)}-`;

const pathOf = (name: string): string => `${FOLDER}/${name}`;

/** Writes a release to the journal so that it survives this process and a power failure; throws when the disk refuses. */
export function record(entry: JournalEntry, random: Uint8Array): void {
  const name = pathOf(`${beginningOf(entry.containerID)}${hex(random)}`);
  for (let tries = 3; ; tries--) {
    makeFolder(FOLDER, 0o700);
    try {
      writeRootFile(name + SUFFIX, `${name}${DRAFT}${ownMark()}`, entryText(entry), true);
      break;
    } catch (error) {
      // Another process found the folder empty and removed it just now.
      if (tries === 1 || !isMissing(error)) throw error;
    }
  }
  for (const folder of [FOLDER, folderOf(FOLDER)]) syncFolder(folder);
}

/** A folder that no longer exists needs no sync: another process has already done the release. */
function syncFolder(path: string): void {
  try {
    syncPath(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

const isMissing = (error: unknown): boolean => errnoName(error) === 'ENOENT';

/** Whether the journal has, or had, entries. Without the folder, calls know at once that there is nothing to do. */
export const isJournalThere = (): boolean => exists(FOLDER);

/** Removes the folder when it is empty. */
export function leaveNoFolder(): void {
  try {
    platform.rmdir(FOLDER);
  } catch {
    // It still has entries, or another process has removed it.
  }
}

/** The entry of this name. Throws with the reason when it is not an entry, and ENOENT when another process has just taken it. */
export function readNamed(name: string): JournalEntry {
  const { text, writtenAt } = readRootFile(pathOf(name), LIMIT);
  return readEntry(text, writtenAt);
}

/** All releases in the journal, for whichever datastore; unreadable files are left out. */
export function journalled(): readonly JournalEntry[] {
  return names().flatMap((name) => {
    try {
      return [readNamed(name)];
    } catch {
      return [];
    }
  });
}

/** A complete entry, waiting or claimed. A container's id may end like other names, so look at the beginning. */
const ENTRY = /\.json(?:\.\d+-\d+)?$/;
const UNFINISHED = /\.new\.\d+-\d+$/;

/** The names of all entries, in no order. */
export const names = (): readonly string[] => listing().filter((name) => ENTRY.test(name));

function listing(): readonly string[] {
  if (!exists(FOLDER)) return [];
  try {
    return namesInFolder(FOLDER);
  } catch {
    return [];
  }
}

/** Removes up to `most` drafts of killed processes. Their DELs never succeeded, so the runtime repeats them. */
export function sweep(most: number): void {
  const drafts = listing().filter((name) => UNFINISHED.test(name));
  for (const name of drafts.slice(0, most)) {
    if (!isHeld(name)) removeFile(pathOf(name));
  }
}

/** Whether the process that claims or writes an entry is alive: its pid and start time end the name. */
function isHeld(name: string): boolean {
  const [, pid, started] = /\.(\d+)-(\d+)$/.exec(name) ?? [];
  return pid !== undefined && startOf(pid) === started;
}

/** When a process started, in clock ticks after boot; undefined when it is gone. The pid alone may have been reused. */
function startOf(pid: number | string): string | undefined {
  try {
    const stat = readText(`/proc/${pid}/stat`);
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

const ownMark = (): string => `.${platform.pid}-${startOf(platform.pid)}`;

/** The name of an entry while this process has claimed it. */
export type Claimed = string;

/** Claims an entry by renaming it, so only one of two processes succeeds. Undefined when another living process has it. */
export function claim(name: string): Claimed | undefined {
  if (isHeld(name)) return undefined;
  const entry = name.slice(0, name.lastIndexOf(SUFFIX) + SUFFIX.length);
  const mine = `${entry}${ownMark()}`;
  try {
    platform.rename(pathOf(name), pathOf(mine));
    return mine;
  } catch {
    return undefined;
  }
}

/** Returns a claimed entry, for another call to do. */
export function unclaim(claimed: Claimed): void {
  platform.rename(pathOf(claimed), pathOf(claimed).slice(0, pathOf(claimed).lastIndexOf('.')));
}

/** Returns it, replaced by `entry`. */
export function unclaimAs(claimed: Claimed, entry: JournalEntry): void {
  writeRootFile(pathOf(claimed), `${pathOf(claimed)}${DRAFT}${ownMark()}`, entryText(entry), true);
  unclaim(claimed);
}

/** Removes an entry whose release is done. */
export function strike(claimed: Claimed): void {
  platform.unlink(pathOf(claimed));
}
