/** Lets the event loop run once: pending writes are sent, and received data is handled. */
export const endOfTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Waits while other work continues. */
export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Blocks this thread: for input and output at the edges of the process. */
export function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
