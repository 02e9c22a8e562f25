import { toFailure } from '../../shared/error/failure-context.ts';
import { carryOut } from './carry-out.ts';
import { stepsAfterFailure } from './pass-plan.ts';
import type { Settings } from './settings.ts';
import type { InstallStep } from './steps.ts';

/** Called after a step has been carried out. */
export type Done = (step: InstallStep) => void;

/** A failure in one line. */
export function problemText(thrown: unknown): string {
  const { message, details } = toFailure(thrown);
  return details === undefined ? message : `${message}: ${details}`;
}

/** Carries out what can be: what has failed does not stop what does not depend on it. Returns the paths of what it has changed, and the failures. */
export function carryOutAll(
  settings: Settings,
  steps: readonly InstallStep[],
  tag: string,
  done: Done,
): { readonly changed: readonly string[]; readonly problems: readonly string[] } {
  const changed: string[] = [];
  const problems: string[] = [];
  for (let rest = steps; rest.length > 0; ) {
    const [step, ...after] = rest as readonly [InstallStep, ...InstallStep[]];
    try {
      carryOut(step, tag);
      if (step.do !== 'leave') changed.push(step.path);
      done(step);
      rest = after;
    } catch (thrown) {
      problems.push(problemText(thrown));
      rest = stepsAfterFailure(settings, after, step);
    }
  }
  return { changed, problems };
}
