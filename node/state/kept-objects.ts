import type { WatchedEntry } from '../../shared/datastore/watch.ts';
import { toFailure } from '../../shared/error/failure-context.ts';
import { isSame } from './same.ts';

/** Reads what is kept of an object. Throws when it cannot be used. */
export type Keep<Kept> = (entry: WatchedEntry) => Kept;

/** What is kept of one kind's objects, by the places that they are stored at. */
export class KeptObjects<Kept> {
  readonly #keep: Keep<Kept>;
  #shown: ReadonlyMap<string, Kept> = new Map();
  /** What is shown next; undefined when nothing has changed. */
  #coming: Map<string, Kept> | undefined;
  readonly #unusable = new Map<string, string>();
  /** Whether everything is being read anew. */
  #isRenewed = false;

  constructor(keep: Keep<Kept>) {
    this.#keep = keep;
  }

  /** Another map after each change. */
  get shown(): ReadonlyMap<string, Kept> {
    return this.#shown;
  }

  /** Why objects are not used. */
  get unusable(): Iterable<string> {
    return this.#unusable.values();
  }

  renew(): void {
    this.#isRenewed = true;
    this.#coming = new Map();
    this.#unusable.clear();
  }

  put(entry: WatchedEntry): void {
    const { at } = entry;
    try {
      const kept = this.#keep(entry);
      this.#unusable.delete(at);
      const before = this.#shown.get(at);
      const next = before !== undefined && isSame(before, kept) ? before : kept;
      if ((this.#coming ?? this.#shown).get(at) !== next) this.#changing().set(at, next);
    } catch (thrown) {
      this.drop(at);
      this.#unusable.set(at, toFailure(thrown, `reading ${at}`).message);
    }
  }

  drop(at: string): void {
    this.#unusable.delete(at);
    if ((this.#coming ?? this.#shown).has(at)) this.#changing().delete(at);
  }

  /** Shows what has been received; whether that differs from before. */
  show(): boolean {
    const coming = this.#coming;
    if (coming === undefined) return false;
    this.#coming = undefined;
    const isOther = !this.#isRenewed || !isShown(coming, this.#shown);
    this.#isRenewed = false;
    if (isOther) this.#shown = coming;
    return isOther;
  }

  #changing(): Map<string, Kept> {
    this.#coming ??= new Map(this.#shown);
    return this.#coming;
  }
}

const isShown = (coming: ReadonlyMap<string, unknown>, shown: ReadonlyMap<string, unknown>): boolean =>
  coming.size === shown.size && [...coming].every(([at, kept]) => shown.get(at) === kept);
