import type { TextFile } from './findings.ts';

/** One change to the node's files, or a note that something stays. Each is done completely or not at all. */
export type InstallStep =
  | { readonly do: 'copy'; readonly path: string; readonly from: string; readonly mode: number }
  /** A hard link to a file in the same folder. */
  | { readonly do: 'link'; readonly path: string; readonly from: string; readonly mode: number }
  | ({ readonly do: 'write' } & Written)
  | { readonly do: 'remove'; readonly path: string }
  /** Removed if empty. */
  | { readonly do: 'removeFolder'; readonly path: string }
  /** `same`: it is already what would be installed. */
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
  /** Made from the built-in list, so that a later installation may replace it. */
  readonly builtIn?: boolean;
}

/** A file that is already as it would be installed. */
export const sameStep = (path: string): InstallStep => ({ do: 'leave', path, why: 'unchanged', same: true });

/** Writes a file unless it exists with this text and mode; `found` are the existing files. */
export function writeStep(found: readonly TextFile[], { builtIn = false, ...file }: Written): InstallStep {
  const there = found.find(({ path }) => path === file.path);
  const mark = builtIn ? { builtIn } : {};
  if (there?.text === file.text && there.mode === file.mode) return { ...sameStep(file.path), ...mark };
  return { do: 'write', ...file, ...mark };
}

/** All steps in order, and remarks for the user. */
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

/** One line about a step: `installed /opt/cni/bin/calico`, or `would install …`. Never a file's content. */
export function stepText(step: InstallStep, dryRun: boolean): string {
  const [would, did] = WORDS[step.do];
  const verb = dryRun ? `would ${would}` : did;
  const more = step.do === 'leave' ? `: ${step.why}` : step.do === 'link' ? ` (one file with ${step.from})` : '';
  return `${verb} ${step.path}${more}\n`;
}
