/** Lets the event loop do what is due: what was written leaves, what has arrived is heard. */
export const endOfTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Waits while other work goes on. */
export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits without giving other work a turn, for the synchronous edges of the process. */
export function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
