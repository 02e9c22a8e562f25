import { platform } from '#platform';
import type { Signal } from './cancellation.ts';

/** Lets the event loop run once: pending writes are sent, and received data is handled. */
export const endOfTurn = (): Promise<void> => new Promise((resolve) => platform.immediate(resolve));

/** Waits while other work continues. */
export const sleep = (ms: number): Promise<void> => new Promise((resolve) => void platform.timer(ms, resolve));

/** The same, but no longer than until `signal` is cancelled. */
export function sleepUnless(signal: Signal, ms: number): Promise<void> {
  return new Promise((resolve) => {
    if (signal.isCancelled) return resolve();
    const over = () => {
      platform.clearTimer(timer);
      forget();
      resolve();
    };
    const timer = platform.timer(ms, over);
    const forget = signal.onCancel(over);
  });
}

/** Blocks this process: for input and output at its edges. */
export const pause = (ms: number): void => platform.sleep(ms);
