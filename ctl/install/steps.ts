import type { TextFile } from './findings.ts';

/** One change of the node's files, or the word that something stays. Each takes effect whole or not at all. */
export type InstallStep =
  | { readonly do: 'copy'; readonly path: string; readonly from: string; readonly mode: number }
  /** A second name of a file in the same folder. */
  | { readonly do: 'link'; readonly path: string; readonly from: string; readonly mode: number }
  | ({ readonly do: 'write' } & Written)
  | { readonly do: 'remove'; readonly path: string }
  /** Removed when it is empty. */
  | { readonly do: 'removeFolder'; readonly path: string }
  /** `same`: it is what would have been put there. */
  | {
      readonly do: 'leave';
      readonly path: string;
      readonly why: string;
      readonly same?: true;
      readonly builtIn?: boolean;
    };

/** A file to be written. */
interface Written {
  readonly path: string;
  readonly text: string;
  readonly mode: number;
  /** Made of a built-in list, so that a later installation may replace it. */
  readonly builtIn?: boolean;
}

/** What is there just as it would be put there. */
export const sameStep = (path: string): InstallStep => ({ do: 'leave', path, why: 'unchanged', same: true });

/** Writes a file unless it is there already with this text and mode; `found` is what there is. */
export function writeStep(found: readonly TextFile[], { builtIn = false, ...file }: Written): InstallStep {
  const there = found.find(({ path }) => path === file.path);
  const mark = builtIn ? { builtIn } : {};
  if (there?.text === file.text && there.mode === file.mode) return { ...sameStep(file.path), ...mark };
  return { do: 'write', ...file, ...mark };
}

/** All that is to be done, in order, and what a person should know. */
export interface InstallPlan {
  readonly steps: readonly InstallStep[];
  readonly notes: readonly string[];
}

const WORDS = {
  copy: ['install', 'installed'],
  link: ['link', 'linked'],
  write: ['write', 'wrote'],
  remove: ['remove', 'removed'],
  removeFolder: ['remove', 'removed'],
  leave: ['leave', 'left'],
} as const;

/** One line on a step: `installed /opt/cni/bin/calico`, or `would install …`; never what a file holds. */
export function tell(step: InstallStep, dryRun: boolean): string {
  const [would, did] = WORDS[step.do];
  const verb = dryRun ? `would ${would}` : did;
  const more = step.do === 'leave' ? `: ${step.why}` : step.do === 'link' ? ` (one file with ${step.from})` : '';
  return `${verb} ${step.path}${more}\n`;
}
