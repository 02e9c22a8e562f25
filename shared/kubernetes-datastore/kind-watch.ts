import type { LeaveOut } from '../bytes/json.ts';
import type { Receiver, WatchedKind } from '../datastore/watch.ts';
import { Cancellation, type Signal } from '../system/cancellation.ts';
import { sleepUnless } from '../system/pause.ts';
import type { World } from '../system/world.ts';
import { MANAGED, metadataText } from './metadata.ts';
import { placeOf } from './object-requests.ts';
import { type Reading, readable, readPage } from './reading.ts';
import { invalidAnswer, refusal } from './refusal.ts';
import { withParameters } from './request-parameters.ts';
import type { ApiObject, ApiRequest, ResourceAccess } from './resource-access.ts';
import { openLines, readEvent } from './watch-events.ts';

/** The version up to which each kind has been seen; '' for one that the server does not have. */
export type SeenVersions = Map<WatchedKind, string>;

/** What the watches of one run share. */
export interface WatchRun extends Pick<Reading, 'requests' | 'access' | 'heard'> {
  readonly seen: SeenVersions;
  readonly receiver: Receiver;
  readonly ending: Signal;
  readonly world: Pick<World, 'elapsed' | 'random'>;
}

/** Told how up to date a kind is. */
interface Standing {
  /** It is being read anew. */
  outdated(): void;
  /** All that has happened up to now has been received. */
  current(): void;
}

/** The time limit for one page of a list, in milliseconds. */
const PAGE_LIMIT_MS = 30_000;
/** A full block has 20 KB, a node 10. */
const PAGE = '100';
/** The server ends a watch after so many seconds, or up to twice as many; then it is begun anew. */
const LEAST_WATCH_S = 300;
const LATE_MS = 30_000;
/** More often than this it is not begun anew, whatever ends it. */
const LEAST_MS = 1_000;
/** How often a kind that the server does not have is looked for. */
const MISSING_MS = 60_000;
const OK = 200;
const NOT_FOUND = 404;
const GONE = 410;

/** Reads all objects of a kind, and follows their changes. Throws a Failure when that cannot go on. */
export async function watchKind(run: WatchRun, kind: WatchedKind, standing: Standing): Promise<never> {
  const { seen, ending, world } = run;
  const one = new KindWatch(run, kind, standing);
  for (;;) {
    const began = world.elapsed();
    if (seen.get(kind) === undefined) await one.list();
    if (seen.get(kind) === '') await one.waitForKind();
    else await one.watch();
    await sleepUnless(ending, Math.max(0, began + LEAST_MS - world.elapsed()));
    if (ending.isCancelled) throw ended();
  }
}

const ended = (): Error => new Error('ended on this side');

/** The server no longer has what has happened since. */
class TooOld extends Error {}

class KindWatch {
  readonly #run: WatchRun;
  readonly #kind: WatchedKind;
  readonly #standing: Standing;
  readonly #access: ResourceAccess;
  readonly #request: ApiRequest;
  readonly #unrouted: LeaveOut;

  constructor(run: WatchRun, kind: WatchedKind, standing: Standing) {
    this.#run = run;
    this.#kind = kind;
    this.#standing = standing;
    this.#access = run.access(kind);
    this.#unrouted = this.#access.routed?.leaveOut ?? MANAGED;
    const [request] = this.#access.list({ all: kind }).requests;
    if (request === undefined) throw new Error(`${kind} cannot be watched`);
    this.#request = { ...request, asked: { ...request.asked, verb: 'watch' } };
  }

  async list(): Promise<void> {
    const { receiver, world, ending, seen } = this.#run;
    this.#standing.outdated();
    receiver.renew([this.#kind]);
    // Changes after the first page come again with the watch.
    let version: string | undefined;
    for (let next: string | undefined; next !== ''; ) {
      const request = withParameters(this.#request, { limit: PAGE, continue: next ?? '' });
      const page = await readPage(this.#run, request, world.elapsed() + PAGE_LIMIT_MS, {
        ...MANAGED,
        items: this.#unrouted,
      });
      if (ending.isCancelled) throw ended();
      for (const object of page.objects) this.#put(object);
      version ??= page.version;
      next = page.next;
    }
    seen.set(this.#kind, version ?? '');
  }

  /** The server may get the kind later. */
  async waitForKind(): Promise<void> {
    const { ending, seen } = this.#run;
    this.#standing.current();
    await sleepUnless(ending, MISSING_MS);
    if (!ending.isCancelled) seen.delete(this.#kind);
  }

  /** Watches until the server ends it. */
  async watch(): Promise<void> {
    const { ending, seen, requests, world } = this.#run;
    const stop = new Cancellation();
    const forget = ending.onCancel(() => stop.cancel());
    let failed: unknown;
    const lines = openLines();
    const receive = (part: Uint8Array) => {
      if (stop.isCancelled) return;
      try {
        for (const line of lines(part)) this.#handle(line);
        this.#standing.current();
      } catch (thrown) {
        failed = thrown;
        stop.cancel();
      }
    };
    const seconds = Math.round(LEAST_WATCH_S * (1 + (world.random(1)[0] ?? 0) / 256));
    const request = { ...this.#watchFor(seconds), follow: { receive, signal: stop } };
    try {
      const reply = await requests.send(request, world.elapsed() + seconds * 1_000 + LATE_MS);
      if (reply.status === GONE || reply.status === NOT_FOUND) seen.delete(this.#kind);
      else if (reply.status !== OK) throw refusal(request.asked, requests.server(), reply);
    } catch (thrown) {
      if (!(failed instanceof TooOld)) throw failed ?? thrown;
      seen.delete(this.#kind);
    } finally {
      forget();
    }
  }

  #watchFor(seconds: number): ApiRequest {
    return withParameters(this.#request, {
      limit: '',
      watch: '1',
      allowWatchBookmarks: 'true',
      resourceVersion: this.#run.seen.get(this.#kind) ?? '',
      timeoutSeconds: String(seconds),
    });
  }

  #handle(line: string): void {
    const { seen, receiver, requests } = this.#run;
    const event = readEvent(line, this.#unrouted);
    const { asked } = this.#request;
    if (event === undefined) throw invalidAnswer(asked, requests.server(), 'a line that is no event');
    if (event.type === 'ERROR') {
      if (event.code === GONE) throw new TooOld();
      const body = JSON.stringify({ kind: 'Status', message: event.message });
      throw refusal(asked, requests.server(), { status: event.code, body });
    }
    if (event.type === 'DELETED') receiver.drop(this.#kind, this.#placeOf(event.object));
    else if (event.type !== 'BOOKMARK') this.#put(event.object);
    if (event.version !== '') seen.set(this.#kind, event.version);
  }

  /** An object that counts as deleted, or cannot be read, is none (as Calico). */
  #put(object: ApiObject): void {
    const { decode, routed = { read: decode } } = this.#access;
    const entry = readable(() => routed.read(object));
    if (entry === undefined) this.#run.receiver.drop(this.#kind, this.#placeOf(object));
    else this.#run.receiver.put(entry);
  }

  #placeOf(object: ApiObject): string {
    const namespace = metadataText(object, 'namespace') || undefined;
    return placeOf({ plural: this.#request.asked.resource, namespace }, metadataText(object, 'name'));
  }
}
