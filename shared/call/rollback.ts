import { toCniError } from '../error/error.ts';
import type { Log } from '../log/log.ts';

/** What is to be undone if the rest fails. Whoever acquires something adds its undoing in the next line. */
export interface Rollback {
  /** `what` names in the log what is undone. */
  add(what: string, undo: () => void | Promise<void>): void;
  /** Undoes everything once, newest first; a failure is logged and the rest goes on. */
  run(): Promise<void>;
}

/** An empty rollback. */
export function rollback(log: Log): Rollback {
  const steps: { what: string; undo: () => void | Promise<void> }[] = [];
  return {
    add: (what, undo) => void steps.push({ what, undo }),
    async run() {
      for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
        const { what, undo } = step;
        try {
          await undo();
          log.info('undone', { what });
        } catch (thrown) {
          log.error('could not undo', { what, error: toCniError(thrown, 'undoing').message });
        }
      }
    },
  };
}
