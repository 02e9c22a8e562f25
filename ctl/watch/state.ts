import type { ContainerProbe } from './probe.ts';

/** What a watch says of itself, for the probes of its container. */
export interface WatchState {
  /** Seconds since the machine started. */
  readonly at: number;
  /** Why the node cannot be said to be ready; '' when it is. */
  readonly why: string;
}

/** A program that says how it is, in a file. */
export interface Watched {
  /** As a user knows it: `calico-install --watch`. */
  readonly program: string;
  readonly file: string;
}

export const INSTALLER: Watched = { program: 'calico-install --watch', file: '/run/calico-install/state' };

/** It is written this often, even if nothing has changed. */
export const WRITTEN_EVERY_S = 15;
/** A watch that has not written for so long hangs, or is gone. */
const DEAD_AFTER_S = 60;

export const formatState = ({ at, why }: WatchState): string => `${JSON.stringify({ at, why })}\n`;

/** The answer to `--ready` or `--live`: an exit status, and a line that says why. `text`: the file's, '' without one. */
export function probeAnswer(
  { program, file }: Watched,
  probe: ContainerProbe,
  text: string,
  uptime: number,
): { readonly status: number; readonly text: string } {
  const state = read(text);
  // A file of the future is from before the machine restarted.
  if (state === undefined || state.at > uptime + 1) {
    return no(`${program} does not run here: no ${file}`);
  }
  const age = Math.round(uptime - state.at);
  if (age > DEAD_AFTER_S) return no(`${program} has not written ${file} for ${age} s`);
  if (probe === 'live' || state.why === '') return { status: 0, text: `${probe}\n` };
  return no(`not ready: ${state.why}`);
}

const no = (why: string) => ({ status: 1, text: `${why}\n` });

function read(text: string): WatchState | undefined {
  try {
    const { at, why } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    return typeof at === 'number' && typeof why === 'string' ? { at, why } : undefined;
  } catch {
    return undefined;
  }
}
