import { namesInFolder, readText } from '../../shared/system/files.ts';

/** Names of the programs that Felix runs in: calico-node with `-felix`, or Felix on its own. */
const PROGRAM = /^(?:calico-node|calico-felix|felix|calico)$/;

let found: boolean | undefined;

/** Whether Felix runs on this host, judged by its processes; looked up once per call. */
export function felixRuns(): boolean {
  found ??= namesInFolder('/proc').some((entry) => /^\d+$/.test(entry) && isFelix(entry));
  return found;
}

function isFelix(pid: string): boolean {
  const program = textOf(`/proc/${pid}/comm`).trim();
  if (!PROGRAM.test(program)) return false;
  return /felix/.test(program) || /(?:^|\0)-{0,2}felix(?:\0|$)/.test(textOf(`/proc/${pid}/cmdline`));
}

/** '' when the process has ended. */
function textOf(path: string): string {
  try {
    return readText(path);
  } catch {
    return '';
  }
}
