import { platform } from '#platform';
import { sleep } from '../../shared/system/pause.ts';

/** The signals that end or wake a long-running process. */
export interface Signals {
  /** SIGTERM or SIGINT has come. */
  isStopped(): boolean;
  /** SIGHUP has come since this was last asked. */
  takeHangUp(): boolean;
  /** Waits for so long, or until a signal comes. */
  wait(ms: number): Promise<void>;
  /** Waits for work, or until the process is to stop: then undefined. */
  orStop<T>(work: Promise<T>): Promise<T | undefined>;
}

/** Listens for signals from now on. */
export function listen(): Signals {
  let isStopped = false;
  let hasHungUp = false;
  // Those of the last wait only: a promise that lasts would remember every wait.
  let wake = () => {};
  let abandon = () => {};
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    platform.onSignal(name, () => {
      isStopped = true;
      abandon();
      wake();
    });
  }
  platform.onSignal('SIGHUP', () => {
    hasHungUp = true;
    wake();
  });
  return {
    isStopped: () => isStopped,
    takeHangUp() {
      const had = hasHungUp;
      hasHungUp = false;
      return had;
    },
    async wait(ms) {
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      if (!isStopped && !hasHungUp) await Promise.race([sleep(ms), woken]);
    },
    orStop: (work) =>
      new Promise((resolve, reject) => {
        abandon = () => resolve(undefined);
        work.then(resolve, reject);
      }),
  };
}
