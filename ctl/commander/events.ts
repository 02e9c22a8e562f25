type Listener = (...args: readonly unknown[]) => void;

/** What commander, which parses calicoctl's command lines, uses of Node's events. */
export class EventEmitter {
  readonly #listeners = new Map<string, Listener[]>();

  on(event: string, listener: Listener): this {
    const known = this.#listeners.get(event) ?? [];
    this.#listeners.set(event, [...known, listener]);
    return this;
  }

  emit(event: string, ...args: readonly unknown[]): boolean {
    const known = this.#listeners.get(event) ?? [];
    for (const listener of known) listener.apply(this, args as unknown[]);
    return known.length > 0;
  }

  listenerCount(event: string): number {
    return this.#listeners.get(event)?.length ?? 0;
  }
}
