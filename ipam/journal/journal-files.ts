import { errnoName } from '../../shared/system/errno.ts';
import { folderOf } from '../../shared/system/file-name.ts';
import { exists, makeFolder, readText } from '../../shared/system/files.ts';
import { fs } from '../../shared/system/node-modules.ts';
import { readRootFile, writeRootFile } from '../../shared/system/root-file.ts';
import { entryText, type JournalEntry, readEntry } from './journal-entry.ts';

/** Where releases are kept on this node until the datastore can take them. */
export const FOLDER = '/var/lib/calico/cni-journal';
const SUFFIX = '.json';
/** What is being written; the mark of the process that does it follows. */
const DRAFT = '.new';
/** No entry is as large. */
const LIMIT = 64 << 10;

/** How the names of a container's entries begin. */
export const beginningOf = (containerID: string): string => `${containerID.slice(0, 64)}-`;

const pathOf = (name: string): string => `${FOLDER}/${name}`;

/** Puts a release on record, so that it survives this process and the machine's power; throws when the disk refuses. */
export function record(entry: JournalEntry, random: Uint8Array): void {
  const name = pathOf(`${beginningOf(entry.containerID)}${Buffer.from(random).toString('hex')}`);
  for (let tries = 3; ; tries--) {
    makeFolder(FOLDER, 0o700);
    try {
      writeRootFile(name + SUFFIX, `${name}${DRAFT}${ownMark()}`, entryText(entry), true);
      break;
    } catch (error) {
      // Another process has just found the folder empty and removed it.
      if (tries === 1 || !isMissing(error)) throw error;
    }
  }
  for (const folder of [FOLDER, folderOf(FOLDER)]) syncFolder(folder);
}

/** A folder that is gone by now needs no syncing: another process has done the release already. */
function syncFolder(path: string): void {
  try {
    const fd = fs().openSync(path, 'r');
    fs().fsyncSync(fd);
    fs().closeSync(fd);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

const isMissing = (error: unknown): boolean => errnoName(error) === 'ENOENT';

/** Whether anything is or was on record: where there is no folder, calls see at a glance that there is nothing to do. */
export const isJournalThere = (): boolean => exists(FOLDER);

/** Removes the folder when nothing is left in it. */
export function leaveNoFolder(): void {
  try {
    fs().rmdirSync(FOLDER);
  } catch {
    // Something waits in it, or somebody else has removed it.
  }
}

/** The entry of this name; throws for what is none, saying why, and ENOENT when another process has just taken it. */
export function readNamed(name: string): JournalEntry {
  const { text, writtenAt } = readRootFile(pathOf(name), LIMIT);
  return readEntry(text, writtenAt);
}

/** The releases on record, whichever datastore they are for; what cannot be read is left out. */
export function journalled(): readonly JournalEntry[] {
  return names().flatMap((name) => {
    try {
      return [readNamed(name)];
    } catch {
      return [];
    }
  });
}

/** A whole entry, waiting or held by a process; a container's id may hold anything that ends other names. */
const ENTRY = /\.json(?:\.\d+-\d+)?$/;
const UNFINISHED = /\.new\.\d+-\d+$/;

/** The names of all entries, in no order. */
export const names = (): readonly string[] => listing().filter((name) => ENTRY.test(name));

function listing(): readonly string[] {
  if (!exists(FOLDER)) return [];
  try {
    return fs().readdirSync(FOLDER);
  } catch {
    return [];
  }
}

/** Removes up to `most` drafts of killed processes: their DELs never succeeded, so that the runtime repeats them. */
export function sweep(most: number): void {
  const drafts = listing().filter((name) => UNFINISHED.test(name));
  for (const name of drafts.slice(0, most)) {
    if (!isHeld(name)) fs().rmSync(pathOf(name), { force: true });
  }
}

/** Whether the process that has claimed or is writing an entry lives: its number and when it started end the name. */
function isHeld(name: string): boolean {
  const [, pid, started] = /\.(\d+)-(\d+)$/.exec(name) ?? [];
  return pid !== undefined && startOf(pid) === started;
}

/** When a process started, in clock ticks after boot; undefined when there is none. The number alone may be another's by now. */
function startOf(pid: number | string): string | undefined {
  try {
    const stat = readText(`/proc/${pid}/stat`);
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

const ownMark = (): string => `.${process.pid}-${startOf(process.pid)}`;

/** An entry that this process has taken: its name from now on. */
export type Claimed = string;

/** Takes an entry by renaming it: of two processes only one succeeds. Undefined when another living one has it. */
export function claim(name: string): Claimed | undefined {
  if (isHeld(name)) return undefined;
  const entry = name.slice(0, name.lastIndexOf(SUFFIX) + SUFFIX.length);
  const mine = `${entry}${ownMark()}`;
  try {
    fs().renameSync(pathOf(name), pathOf(mine));
    return mine;
  } catch {
    return undefined;
  }
}

/** Gives an entry back, to be done by another call. */
export function unclaim(claimed: Claimed): void {
  fs().renameSync(pathOf(claimed), pathOf(claimed).slice(0, pathOf(claimed).lastIndexOf('.')));
}

/** Gives it back as `entry`. */
export function unclaimAs(claimed: Claimed, entry: JournalEntry): void {
  writeRootFile(pathOf(claimed), `${pathOf(claimed)}${DRAFT}${ownMark()}`, entryText(entry), true);
  unclaim(claimed);
}

/** Takes an entry off the record: its release is done. */
export function strike(claimed: Claimed): void {
  fs().unlinkSync(pathOf(claimed));
}
