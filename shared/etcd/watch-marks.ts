import type { WatchResponse } from './generated-rpc.ts';

/** The state of a cluster, as every answer's header says. */
export interface Head {
  readonly cluster: bigint;
  readonly revision: number;
}

/** Up to where each range of keys has been followed, so that a watch that broke goes on from there. */
export class WatchMarks {
  #cluster = 0n;
  readonly #next = new Map<string, number>();

  /** The ranges with these prefixes were read as they were then. */
  listed(prefixes: readonly string[], { cluster, revision }: Head): void {
    this.#cluster = cluster;
    for (const prefix of prefixes) this.#next.set(prefix, revision + 1);
  }

  /** An answer about a range has been handled. One with changes may be followed by others up to the revision of its header. */
  followed(prefix: string, { events, header }: Pick<WatchResponse, 'events' | 'header'>): void {
    const revision = events.at(-1)?.kv?.modRevision ?? header?.revision ?? 0;
    if (revision >= this.next(prefix)) this.#next.set(prefix, revision + 1);
  }

  /** The first revision that is still to be seen; 0 when the range has not been read. */
  next(prefix: string): number {
    return this.#next.get(prefix) ?? 0;
  }

  /** Whether a cluster can go on from here: it is not another one, nor one that was set back to an earlier state. */
  canGoOn({ cluster, revision }: Head): boolean {
    if (this.#next.size === 0 || cluster !== this.#cluster) return false;
    return [...this.#next.values()].every((next) => next <= revision + 1);
  }

  /** The changes since then are no longer there. */
  forget(): void {
    this.#next.clear();
  }
}
