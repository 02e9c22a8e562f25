import type { Feed, Receiver, WatchedEntry, WatchedKind } from '../../shared/datastore/watch.ts';
import type { Failure } from '../../shared/error/failure.ts';
import { Cancellation } from '../../shared/system/cancellation.ts';
import { startTimer, stopTimer } from '../../shared/system/clock.ts';
import type { World } from '../../shared/system/world.ts';
import { follow } from './follow.ts';
import { type Derived, NETWORK_KINDS, networkObjects, networkState } from './network-kinds.ts';
import type { NetworkState } from './network-state.ts';

/** A copy of what routing is computed from, which follows the datastore. */
export interface NetworkCopy {
  /** Undefined until everything has been read once. While the datastore is away it stays as it was. */
  state(): NetworkState | undefined;
  /** Why the state may be out of date, or is not there yet; undefined while the datastore is followed. */
  trouble(): Failure | undefined;
  /** Why stored objects are not part of the state. */
  unusable(): readonly string[];
  close(): void;
}

export interface NetworkCopyOptions {
  /** This node's name. */
  readonly node: string;
  /** A feed of NETWORK_KINDS. */
  readonly feed: Feed;
  readonly world: Pick<World, 'random'>;
  /** Called after the state or the trouble has changed. Must not throw. */
  readonly changed: () => void;
}

/** Follows the datastore until the copy is closed. */
export function openNetworkCopy({ node, feed, world, changed }: NetworkCopyOptions): NetworkCopy {
  const closing = new Cancellation();
  const copy = new Copy(node, () => !closing.isCancelled && changed());
  const trouble = follow({ feed, receiver: copy.receiver, world, closing, changed });
  return {
    state: () => copy.state,
    trouble,
    unusable: () => copy.unusable(),
    close: () => closing.cancel(),
  };
}

/** Changes that come together are shown together: a node is often written with its blocks. */
const TOGETHER_MS = 20;

class Copy {
  readonly #objects = networkObjects();
  readonly #node: string;
  readonly #changed: () => void;
  #derived: Derived | undefined;
  /** Whether a list is being received: what has come of it must not be shown yet. */
  #isRenewing = false;
  #timer: number | undefined;
  readonly receiver: Receiver = {
    renew: (kinds) => this.#renew(kinds),
    put: (entry) => this.#put(entry),
    drop: (kind, at) => this.#of(kind)?.drop(at),
    settle: () => this.#settle(),
  };

  constructor(node: string, changed: () => void) {
    this.#node = node;
    this.#changed = changed;
  }

  get state(): NetworkState | undefined {
    return this.#derived?.state;
  }

  unusable(): readonly string[] {
    return NETWORK_KINDS.flatMap((kind) => [...this.#objects[kind].unusable]);
  }

  #of(kind: string) {
    const known = NETWORK_KINDS.find((one) => one === kind);
    return known === undefined ? undefined : this.#objects[known];
  }

  #renew(kinds: readonly WatchedKind[]): void {
    this.#isRenewing = true;
    for (const kind of kinds) this.#of(kind)?.renew();
  }

  #put(entry: WatchedEntry): void {
    this.#of(entry.ref.kind)?.put(entry);
  }

  #settle(): void {
    this.#isRenewing = false;
    this.#timer ??= startTimer(TOGETHER_MS, () => this.#show());
  }

  #show(): void {
    stopTimer(this.#timer);
    this.#timer = undefined;
    if (this.#isRenewing) return;
    const differing = NETWORK_KINDS.filter((kind) => this.#objects[kind].show());
    if (this.#derived !== undefined && differing.length === 0) return;
    this.#derived = networkState(this.#node, this.#objects, this.#derived);
    this.#changed();
  }
}
