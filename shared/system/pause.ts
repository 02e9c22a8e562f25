import { platform } from '#platform';

/** Lets the event loop run once: pending writes are sent, and received data is handled. */
export const endOfTurn = (): Promise<void> => new Promise((resolve) => platform.immediate(resolve));

/** Waits while other work continues. */
export const sleep = (ms: number): Promise<void> => new Promise((resolve) => void platform.timer(ms, resolve));

/** Blocks this process: for input and output at its edges. */
export const pause = (ms: number): void => platform.sleep(ms);
