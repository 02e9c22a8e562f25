import { knownStores } from '../../shared/call/known-stores.ts';
import { isUnavailable } from '../../shared/datastore/unavailable.ts';
import { toFailure } from '../../shared/error/failure-context.ts';
import type { Log } from '../../shared/log/log.ts';
import { errnoName, errnoText } from '../../shared/system/errno.ts';
import type { World } from '../../shared/system/world.ts';
import { isFor, type JournalEntry, type StoreHere } from './journal-entry.ts';
import {
  beginningOf,
  type Claimed,
  claim,
  FOLDER,
  isJournalThere,
  leaveNoFolder,
  names,
  readNamed,
  strike,
  sweep,
  unclaim,
  unclaimAs,
} from './journal-files.ts';

/** The container that an ADD is about to assign addresses to. Its old addresses must be released first, or a later release would free the new ones. */
export type Heir = Pick<JournalEntry, 'network' | 'containerID'>;

/** A round of releases. */
export interface Draining {
  readonly log: Log;
  readonly world: World;
  /** The datastore of this call; called only when the journal has entries. */
  readonly here: () => Promise<StoreHere>;
  readonly node: string;
  /** Whether this executable can do such a release. */
  readonly isOurKind: (entry: JournalEntry) => boolean;
  readonly release: (entry: JournalEntry) => Promise<unknown>;
  readonly heir?: Heir | undefined;
}

/** Releases of other containers that one call does at most, so that a full journal does not delay it. */
const PORTION = { entries: 32, ms: 1_000 } as const;

/** What became of an entry: nothing more to do in this call, or another living process is working on it. */
type End = 'over' | 'busy';

/**
 * Does the journal's releases for this datastore and node: all of the heir's, and a limited number of others. Each is done by
 * one process at a time, and those of a killed process are taken over. Resolves to true when a living process may be working
 * on the heir's. Throws 'datastore unavailable', and whatever makes the heir's own release fail; other releases that
 * fail stay in the journal.
 */
export async function drain(draining: Draining): Promise<boolean> {
  if (!isJournalThere()) return false;
  sweep(PORTION.entries);
  const all = names();
  if (all.length === 0) {
    leaveNoFolder();
    return false;
  }
  const round = { ...draining, store: await draining.here(), known: knownStores(), unread: [] };
  const beginning = draining.heir && beginningOf(draining.heir.containerID);
  const isHeirs = (name: string): boolean => beginning !== undefined && name.startsWith(beginning);
  const ends: End[] = [];
  for (const name of all.filter(isHeirs)) ends.push(await doNamed(name, round));
  await doPortion(
    all.filter((name) => !isHeirs(name)),
    round,
  );
  logUnread(round);
  leaveNoFolder();
  return ends.includes('busy');
}

interface Round extends Draining {
  readonly store: StoreHere;
  readonly known: ReadonlyMap<string, string>;
  /** Files that are not entries, with the reason. */
  readonly unread: { readonly file: string; readonly reason: string }[];
}

/** Starts at a random entry, so that entries which have to wait do not block the others for long. */
async function doPortion(others: readonly string[], round: Round): Promise<void> {
  const until = round.world.elapsed() + PORTION.ms;
  const [high = 0, low = 0] = round.world.random(2);
  const first = others.length <= PORTION.entries ? 0 : (high * 256 + low) % others.length;
  const turn = [...others.slice(first), ...others.slice(0, first)].slice(0, PORTION.entries);
  for (const name of turn) {
    if (round.world.elapsed() >= until) return;
    await doNamed(name, round);
  }
}

async function doNamed(name: string, round: Round): Promise<End> {
  const entry = readWarily(name, round);
  if (typeof entry === 'string') return entry;
  const what = whatToDo(entry, round);
  if (what === 'leave') return 'over';
  const claimed = claim(name);
  if (claimed === undefined) return 'busy';
  if (what === 'release') await doClaimed(claimed, entry, round);
  else keepFrom(claimed, entry, round);
  return 'over';
}

const isHeirs = ({ heir }: Draining, { network, containerID }: JournalEntry): boolean =>
  heir?.network === network && heir.containerID === containerID;

/**
 * A release of the heir's is done whatever this node was called then. If this call cannot do it, or this host cannot tell whether
 * it is for this datastore, it will never be done here: the heir takes over what the container has in this datastore.
 */
function whatToDo(entry: JournalEntry, round: Round): 'release' | 'keep from here' | 'leave' {
  const whose = isFor(entry.store, round.store, round.known);
  const heirs = isHeirs(round, entry);
  if (whose === 'another') return 'leave';
  if (whose === 'this store' && round.isOurKind(entry) && (heirs || entry.node === round.node)) return 'release';
  return heirs && round.store.cluster !== undefined ? 'keep from here' : 'leave';
}

async function doClaimed(claimed: Claimed, entry: JournalEntry, round: Round): Promise<void> {
  const { log, release } = round;
  try {
    await release(entry);
  } catch (error) {
    unclaim(claimed);
    if (isUnavailable(error) || isHeirs(round, entry)) throw error;
    log.warn(MUST_WAIT, { file: `${FOLDER}/${claimed}`, reason: toFailure(error).message });
    return;
  }
  strike(claimed);
  log.info('Completed a release from the journal', { container: entry.containerID });
}

function keepFrom(claimed: Claimed, entry: JournalEntry, { store: { cluster = '' }, log }: Round): void {
  if (entry.store.cluster === cluster) strike(claimed);
  else unclaimAs(claimed, { ...entry, store: { ...entry.store, not: [...entry.store.not, cluster] } });
  log.warn('The container starts again: its old release no longer applies to this datastore', {
    container: entry.containerID,
    cluster,
  });
}

const MUST_WAIT = 'A release in the journal failed and will be tried again';

/** Over for a file that is not an entry, which is logged at the end; busy for one that another process has just done or claimed. */
function readWarily(name: string, round: Round): JournalEntry | End {
  try {
    return readNamed(name);
  } catch (error) {
    if (errnoName(error) === 'ENOENT') return 'busy';
    round.unread.push({ file: `${FOLDER}/${name}`, reason: errnoText(error) });
    return 'over';
  }
}

function logUnread({ unread, log }: Round): void {
  const [first] = unread;
  if (first === undefined) return;
  const others = unread.length === 1 ? {} : { others: String(unread.length - 1) };
  log.warn('Ignored a file in the journal that is not a release: inspect it, then delete it', {
    ...first,
    ...others,
  });
}
