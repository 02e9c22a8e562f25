import { platform } from '#platform';

/** Milliseconds since the process began. */
export const elapsed = (): number => platform.elapsed();

/** Calls back once, after so many milliseconds; it keeps the process alive until then. Returns the timer for `stopTimer`. */
export const startTimer = (ms: number, callback: () => void): number => platform.timer(ms, callback);

/** Does nothing when the timer has called back, or was never started. */
export function stopTimer(timer: number | undefined): void {
  if (timer !== undefined) platform.clearTimer(timer);
}
