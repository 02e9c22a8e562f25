/** Says that work is no longer wanted. */
export interface Signal {
  readonly isCancelled: boolean;
  /** Calls back when it is cancelled. Returns a function that ends this. */
  onCancel(callback: () => void): () => void;
}

/** A signal, and the way to give it. */
export class Cancellation implements Signal {
  #isCancelled = false;
  readonly #callbacks = new Set<() => void>();

  get isCancelled(): boolean {
    return this.#isCancelled;
  }

  onCancel(callback: () => void): () => void {
    this.#callbacks.add(callback);
    return () => void this.#callbacks.delete(callback);
  }

  cancel(): void {
    if (this.#isCancelled) return;
    this.#isCancelled = true;
    for (const callback of this.#callbacks) callback();
  }
}

/** The signal for work that is never cancelled. */
export const NEVER: Signal = { isCancelled: false, onCancel: () => () => undefined };
