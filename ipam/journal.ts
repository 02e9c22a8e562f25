import { toCniError } from '../shared/cni/error.ts';
import type { EtcdConf } from '../shared/cni/netconf.ts';
import { errnoName } from '../shared/errno.ts';
import { StoreUnavailable } from '../shared/etcd/errors.ts';
import { folderOf } from '../shared/file-name.ts';
import { exists, makeFolder, readText } from '../shared/files.ts';
import type { Log } from '../shared/log.ts';
import { fs } from '../shared/node-modules.ts';

/** Releases that etcd could not take when they were due: kept on this node until it can. */
const FOLDER = '/var/lib/calico/cni-journal';
const SUFFIX = '.json';
/** What is being written; the mark of the process that does it follows. */
const DRAFT = '.new';

/** One container's release. */
export interface JournalEntry {
  readonly network: string;
  readonly containerID: string;
  readonly node: string;
  /** Which etcd it belongs to: as the configuration names it. */
  readonly store: string;
  /** None when another IPAM plugin held the addresses. */
  readonly handleIDs: readonly string[];
  /** What `calico` needs beyond the addresses; undefined for a release by `calico-ipam`. */
  readonly endpoint?: unknown;
}

/** How the journal tells one etcd from another; credentials in its address are nobody's business. */
export const storeName = ({ endpoints, discoverySrv }: EtcdConf): string =>
  endpoints.replaceAll(/\/\/[^/@,]*@/g, '//') || discoverySrv || 'from the environment';

/** Puts a release on record, so that it survives this process and the machine's power; throws when the disk refuses. */
export function record(entry: JournalEntry, random: Uint8Array): void {
  const name = `${FOLDER}/${beginningOf(entry.containerID)}${Buffer.from(random).toString('hex')}`;
  const draft = `${name}${DRAFT}${ownMark()}`;
  const fd = openDraft(draft);
  try {
    // Unlike writeSync, this does not take a part for the whole when the disk is full.
    fs().writeFileSync(fd, JSON.stringify(entry));
    fs().fsyncSync(fd);
    fs().renameSync(draft, name + SUFFIX);
  } catch (error) {
    fs().unlinkSync(draft);
    throw error;
  } finally {
    fs().closeSync(fd);
  }
  for (const folder of [FOLDER, folderOf(FOLDER)]) syncFolder(folder);
}

function openDraft(path: string): number {
  for (let tries = 3; ; tries--) {
    makeFolder(FOLDER, 0o700);
    try {
      return fs().openSync(path, 'wx', 0o600);
    } catch (error) {
      // Another process has just found the folder empty and removed it.
      if (tries === 1 || !isMissing(error)) throw error;
    }
  }
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

/** Whom an ADD is about to give something: what it held must be free before, or a later release would free what it was given. */
export type Heir = Pick<JournalEntry, 'network' | 'containerID'>;

/** A round of releases. */
interface Draining {
  readonly log: Log;
  readonly isOurs: (entry: JournalEntry) => boolean;
  readonly release: (entry: JournalEntry) => Promise<void>;
  readonly heir?: Heir | undefined;
}

/**
 * Does those releases on record that are ours. Each is done by one process at a time; what a killed one had begun is taken
 * over, and true says that a living one may be busy with the heir's. Throws StoreUnavailable when etcd is still out of reach, and
 * what keeps the heir's own release from being done; others that cannot be done wait on.
 */
export async function drain(draining: Draining): Promise<boolean> {
  if (!exists(FOLDER)) return false;
  sweep();
  const busy: string[] = [];
  for (const name of names()) if (await isLeftToAnother(name, draining)) busy.push(name);
  leaveNoFolder();
  const { heir } = draining;
  return heir !== undefined && busy.some((name) => name.startsWith(beginningOf(heir.containerID)));
}

/** Does a release unless another process is at it, or was a moment ago. */
async function isLeftToAnother(name: string, draining: Draining): Promise<boolean> {
  const entry = readWarily(name, draining.log);
  if (entry === undefined) return !exists(`${FOLDER}/${name}`);
  if (!draining.isOurs(entry)) return false;
  const claimed = claim(name);
  if (claimed === undefined) return true;
  await doClaimed(claimed, entry, draining);
  return false;
}

const isFor = (heir: Heir | undefined, { network, containerID }: JournalEntry): boolean =>
  heir?.network === network && heir.containerID === containerID;

async function doClaimed(claimed: string, entry: JournalEntry, { log, release, heir }: Draining): Promise<void> {
  try {
    await release(entry);
  } catch (error) {
    unclaim(claimed);
    if (error instanceof StoreUnavailable || isFor(heir, entry)) throw error;
    log.warn(MUST_WAIT, { file: claimed, reason: toCniError(error).message });
    return;
  }
  fs().unlinkSync(claimed);
  log.info('Did a release from the journal', { container: entry.containerID });
}

const MUST_WAIT = 'A release in the journal has to wait';

/** Undefined for what cannot be read, which is told, and for what somebody else has just done or claimed. */
function readWarily(name: string, log: Log): JournalEntry | undefined {
  const file = `${FOLDER}/${name}`;
  try {
    return readEntry(name);
  } catch (error) {
    if (exists(file)) log.warn(MUST_WAIT, { file, reason: toCniError(error).message });
    return undefined;
  }
}

const readEntry = (name: string): JournalEntry => JSON.parse(readText(`${FOLDER}/${name}`)) as JournalEntry;

/** Where there is no folder, calls see at a glance that there is nothing to do. */
function leaveNoFolder(): void {
  try {
    fs().rmdirSync(FOLDER);
  } catch {
    // Something waits in it, or somebody else has removed it.
  }
}

/** The releases on record, whichever etcd they are for; what cannot be read is left out. */
export function journalled(): readonly JournalEntry[] {
  return names().flatMap((name) => {
    try {
      return [readEntry(name)];
    } catch {
      return [];
    }
  });
}

/** How the names of a container's entries begin. */
const beginningOf = (containerID: string): string => `${containerID.slice(0, 64)}-`;

/** A whole entry, waiting or held by a process; a container's id may hold anything that ends other names. */
const ENTRY = /\.json(?:\.\d+-\d+)?$/;
const UNFINISHED = /\.new\.\d+-\d+$/;

const names = (): readonly string[] => listing().filter((name) => ENTRY.test(name));

function listing(): readonly string[] {
  if (!exists(FOLDER)) return [];
  try {
    return fs().readdirSync(FOLDER);
  } catch {
    return [];
  }
}

/** Drafts of killed processes: their DELs never succeeded, so that the runtime repeats them. */
function sweep(): void {
  for (const name of listing().filter((one) => UNFINISHED.test(one) && !isHeld(one))) {
    fs().rmSync(`${FOLDER}/${name}`, { force: true });
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

/** Takes an entry by renaming it: of two processes only one succeeds. */
function claim(name: string): string | undefined {
  if (isHeld(name)) return undefined;
  const entry = name.slice(0, name.lastIndexOf(SUFFIX) + SUFFIX.length);
  const mine = `${FOLDER}/${entry}${ownMark()}`;
  try {
    fs().renameSync(`${FOLDER}/${name}`, mine);
    return mine;
  } catch {
    return undefined;
  }
}

function unclaim(path: string): void {
  fs().renameSync(path, path.slice(0, path.lastIndexOf('.')));
}
