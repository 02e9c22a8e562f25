import { toFailure } from '../error/failure-context.ts';
import type { Log } from '../log/log.ts';

/** What to undo if a call fails. Whatever acquires something registers its undo in the next line. */
export interface Rollback {
  /** `what` describes the step in the log. */
  add(what: string, undo: Undo): void;
  /** Undoes everything, newest first. A failure is logged and the rest continues. False when something failed: it can be run again. */
  run(): Promise<boolean>;
}

type Undo = () => void | Promise<void>;

/** A function that adds an undo when it is called first: a decision that is made again registers nothing twice. */
export function addingOnce(rollback: Rollback, what: string, undo: Undo): () => void {
  let isAdded = false;
  return () => {
    if (!isAdded) rollback.add(what, undo);
    isAdded = true;
  };
}

/** An empty rollback. */
export function rollback(log: Log): Rollback {
  let steps: { what: string; undo: Undo }[] = [];
  return {
    add: (what, undo) => void steps.push({ what, undo }),
    async run() {
      const failed: typeof steps = [];
      for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
        const { what, undo } = step;
        try {
          await undo();
          log.info('undone', { what });
        } catch (thrown) {
          failed.unshift(step);
          log.error('could not undo', { what, error: toFailure(thrown, 'undoing').message });
        }
      }
      steps = failed;
      return failed.length === 0;
    },
  };
}
