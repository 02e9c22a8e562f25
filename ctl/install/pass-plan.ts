import { folderOf } from '../../shared/system/file-name.ts';
import { leftUntil, type Repairs, withRepair } from '../watch/repairs.ts';
import { recordPath } from './record.ts';
import type { Settings } from './settings.ts';
import type { InstallStep } from './steps.ts';

type Marks = Readonly<Record<string, string>>;

/** What a watch does about files that another program has changed. */
export interface PassPlan {
  readonly steps: readonly InstallStep[];
  readonly repairs: Repairs;
  /** What it has put right, or leaves, for the log. */
  readonly notes: readonly string[];
  /** What keeps the node from being as it should. */
  readonly problems: readonly string[];
}

/** How files were after the last pass and are now, and what has been put back since when. */
export interface Changes {
  readonly before: Marks;
  readonly now: Marks;
  readonly repairs: Repairs;
  readonly uptime: number;
}

/**
 * Decides which of an installation's steps a watch takes. What others change is put back, but only a few times within some minutes:
 * then it is theirs for an hour.
 */
export function passPlan(settings: Settings, steps: readonly InstallStep[], changes: Changes): PassPlan {
  const { before, now, uptime } = changes;
  const isTheirs = (path: string) => before[path] !== undefined && before[path] !== now[path];
  const wrong = steps
    .filter((step) => step.do !== 'leave' && step.path !== recordPath(settings))
    .map(({ path }) => path);
  const left = wrong.filter((path) => leftUntil(changes.repairs, path, uptime) !== undefined);
  const repaired = wrong.filter((path) => isTheirs(path) && !left.includes(path));
  const follows = (step: InstallStep) => left.includes(step.path) || (step.do === 'link' && left.includes(step.from));
  return {
    steps: steps.filter((step) => !follows(step)),
    repairs: repaired.reduce((all, path) => withRepair(all, path, uptime), changes.repairs),
    notes: repaired.map((path) => `another program has ${now[path] === '' ? 'removed' : 'changed'} ${path}: put back`),
    problems: left.map(
      (path) =>
        `another program changes ${path} again and again: left as it is for an hour. What else installs network plugins here (calico-node’s install-cni, an operator, a package)?`,
    ),
  };
}

/** The steps that may follow one that failed: none in its folder, and no record that all is done. */
export function stepsAfterFailure(
  settings: Settings,
  rest: readonly InstallStep[],
  failed: InstallStep,
): readonly InstallStep[] {
  const folder = folderOf(failed.path);
  return rest.filter(({ path }) => path !== recordPath(settings) && folderOf(path) !== folder);
}
