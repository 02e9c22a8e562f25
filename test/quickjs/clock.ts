import { platform as native } from '../../shared/platform/native.ts';
import type { Platform } from '../../shared/platform/platform.ts';

type Clock = Pick<Platform, 'elapsed' | 'timer' | 'clearTimer'>;

interface Due {
  readonly id: number;
  readonly at: number;
  readonly callback: () => void;
}

/** A clock that stands still until its next timer is let go off. */
class TurnedClock implements Clock {
  #now = native.elapsed();
  #last = 0;
  #due: Due[] = [];

  elapsed = (): number => this.#now;

  timer = (ms: number, callback: () => void): number => {
    const id = ++this.#last;
    this.#due.push({ id, at: this.#now + ms, callback });
    return id;
  };

  clearTimer = (id: number): void => {
    this.#due = this.#due.filter((one) => one.id !== id);
  };

  /** Lets the timer that is due first go off; false when there is none. */
  turn(): boolean {
    const [first] = this.#due.toSorted((one, other) => one.at - other.at || one.id - other.id);
    if (first === undefined) return false;
    this.clearTimer(first.id);
    this.#now = Math.max(this.#now, first.at);
    first.callback();
    return true;
  }
}

let turned: TurnedClock | undefined;

/** The clock in use. */
export const clock: Clock = {
  elapsed: () => (turned ?? native).elapsed(),
  timer: (ms, callback) => (turned ?? native).timer(ms, callback),
  clearTimer: (id) => (turned ?? native).clearTimer(id),
};

const settled = (): Promise<void> => new Promise((resolve) => native.immediate(resolve));

/** As vitest's, for timers. */
export const vi = {
  useFakeTimers: (): void => {
    turned = new TurnedClock();
  },
  useRealTimers: (): void => {
    turned = undefined;
  },
  runAllTimersAsync: async (): Promise<void> => {
    do await settled();
    while (turned?.turn());
  },
};
