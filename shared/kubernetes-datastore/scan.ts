import type { LeaveOut } from '../bytes/json.ts';
import type { Scan } from '../datastore/datastore.ts';
import { nextPage, type Pace } from '../datastore/next-page.ts';
import { type Entry, type ListQuery, type Oddity, selects } from '../datastore/query.ts';
import type { World } from '../system/world.ts';
import { metadataText } from './metadata.ts';
import { type Page, type Reading, readPage } from './reading.ts';
import { withParameters } from './request-parameters.ts';
import type { ApiObject, ApiRequest, ResourceAccess } from './resource-access.ts';
import { virtualMachines } from './virtual-machines.ts';

/** The time limit for one page, in milliseconds. */
const PAGE_LIMIT_MS = 30_000;

/** What a scan reads with, once the API group is known. */
export type ScanReading = () => Promise<Pick<Reading, 'requests' | 'access' | 'heard'>>;

/**
 * Reads lists page by page, without keeping their objects. All lists are read at the revision of the first, as long as the server
 * still has it.
 */
export function openScan(open: ScanReading, world: Pick<World, 'elapsed'>): Scan {
  const seen: Seen = { shown: '', revision: '' };
  return {
    pages: (list, size, pace) => pagesOf(open, world, seen, list, size, pace),
    virtualMachines: async () => virtualMachines(await open(), later(world)),
    version: () => seen.shown,
    close: () => undefined,
  };
}

interface Seen {
  /** The versions of the first list's answers, as Calico joins them. */
  shown: string;
  /** What all lists are read at; '' before the first answer. */
  revision: string;
}

async function* pagesOf(
  open: ScanReading,
  world: Pick<World, 'elapsed'>,
  seen: Seen,
  list: ListQuery,
  size: number,
  pace: Pace,
): AsyncGenerator<readonly Entry[]> {
  const reading = await open();
  const { access, leaveOut } = accessTo(list, reading);
  const { requests, entries = [] } = access.list(list);
  const isFirst = seen.shown === '';
  const lists: AsyncGenerator<readonly Entry[]>[] = [];
  for (const request of requests) {
    const read = (next: string) =>
      pageAt({ ...reading, leaveOut }, sized(request, size), next, seen.revision, later(world));
    const page = await read('');
    seen.revision ||= page.version;
    if (isFirst) seen.shown = seen.shown === '' ? page.version : `${seen.shown}/${page.version}`;
    const entriesOf = ({ objects }: Page) =>
      objects.flatMap((object) => entryIn(access, list, request.asked.resource, object));
    lists.push(entriesFrom([page], read, entriesOf, pace));
  }
  const builtIn = entries.filter(({ ref }) => selects(list, ref));
  if (builtIn.length > 0) yield builtIn;
  for (const each of lists) yield* each;
}

function accessTo({ all, brief }: ListQuery, { access: to }: Pick<Reading, 'access'>) {
  const access = to(all);
  if (brief !== true || access.brief === undefined) return { access, leaveOut: access.leaveOut };
  const { decode, leaveOut } = access.brief;
  return { access: { ...access, decode }, leaveOut };
}

const later = (world: Pick<World, 'elapsed'>): number => world.elapsed() + PAGE_LIMIT_MS;

/** As many objects as client-go reads at once. A full block has 20 KB, and ten times that in memory. */
const MOST = 500;
const MOST_BLOCKS = 100;

function sized(request: ApiRequest, size: number): ApiRequest {
  const most = request.asked.resource === 'ipamblocks' ? MOST_BLOCKS : MOST;
  return withParameters(request, { limit: String(Math.min(size, most)) });
}

/** A page of a list, or its first at a revision; of a server that cannot answer at that revision, the list as it is now. */
async function pageAt(
  reading: Awaited<ReturnType<ScanReading>> & { readonly leaveOut: LeaveOut | undefined },
  request: ApiRequest,
  next: string,
  revision: string,
  deadline: number,
): Promise<Page> {
  const read = (one: ApiRequest) => readPage(reading, one, deadline, reading.leaveOut);
  if (next !== '' || revision === '') return read(withParameters(request, { continue: next }));
  const exact = { resourceVersion: revision, resourceVersionMatch: 'Exact' };
  try {
    return await read(withParameters(request, exact));
  } catch {
    // Compacted (410), unknown to an older server (400), or not reached yet by one with a storage of its own (504).
    return read(request);
  }
}

/** What is in the page that has been read, and in all others. */
async function* entriesFrom(
  begun: Page[],
  read: (next: string) => Promise<Page>,
  entriesOf: (page: Page) => readonly Entry[],
  pace: Pace,
): AsyncGenerator<readonly Entry[]> {
  // Taken out, so that nothing keeps it.
  let page = begun.pop();
  while (page !== undefined) {
    const { next } = page;
    const coming: (() => Promise<Page>) | undefined = next === '' ? undefined : nextPage(() => read(next), pace);
    const entries = entriesOf(page);
    page = undefined;
    yield entries;
    page = await coming?.();
  }
}

function entryIn(access: ResourceAccess, list: ListQuery, resource: string, object: ApiObject): readonly Entry[] {
  const found = decoded(access, object);
  const oddity = list.strays === true ? access.oddity?.(object) : undefined;
  if (typeof found === 'object') {
    const entry = oddity === 'unlabelled' ? { ...found, oddity } : found;
    return selects(list, found.ref) ? [entry] : [];
  }
  if (list.strays !== true || (found === undefined && oddity === undefined)) return [];
  return [stray(list, resource, object, found ?? 'not a value of this kind', oddity)];
}

function stray(
  { all }: ListQuery,
  resource: string,
  object: ApiObject,
  value: string,
  oddity: Oddity | 'unreadable' | undefined,
): Entry {
  const [namespace, name] = [metadataText(object, 'namespace'), metadataText(object, 'name')];
  const at = [resource, ...(namespace === '' ? [] : [namespace]), name].join('/');
  const version = metadataText(object, 'resourceVersion');
  const half = oddity === 'half deleted' ? { oddity } : {};
  return { ref: { kind: 'unknown', among: all, at }, at, value, version, ...half };
}

/** The object's entry; the reason when it cannot be read, undefined when it is not shown. */
function decoded(access: ResourceAccess, object: ApiObject): Entry | string | undefined {
  try {
    return access.decode(object);
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}
