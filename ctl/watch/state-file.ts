import { readText, removeFile, replaceText } from '../../shared/system/files.ts';
import type { ContainerProbe } from './probe.ts';
import { formatState, probeAnswer, type Watched, WRITTEN_EVERY_S } from './state.ts';
import { uptimeNow } from './uptime.ts';

/** Writes why the node is not ready, '' if it is: when that changes, and from time to time as a sign of life. */
export function stateFile({ file }: Watched): (why: string) => void {
  let written: { readonly why: string; readonly at: number } | undefined;
  return (why) => {
    const at = uptimeNow();
    if (written?.why === why && at - written.at < WRITTEN_EVERY_S) return;
    written = { why, at };
    try {
      replaceText(file, formatState(written));
    } catch {
      // The probes say that nothing was written; what the watch is for goes on.
    }
  };
}

/** Removes the file: nothing is watched any more, or not yet. */
export function forgetState({ file }: Watched): void {
  try {
    removeFile(file);
  } catch {
    // It grows old, and counts for nothing then.
  }
}

/** Answers a probe from the file. */
export function askState(watched: Watched, probe: ContainerProbe): { readonly status: number; readonly text: string } {
  return probeAnswer(watched, probe, textOrNothing(watched), uptimeNow());
}

function textOrNothing({ file }: Watched): string {
  try {
    return readText(file);
  } catch {
    return '';
  }
}
