import { fromUtf8, utf8 } from '../../../shared/bytes/text.ts';
import { platform as native } from '../../../shared/platform/native.ts';
import { Open } from '../../../shared/system/files.ts';
import { type Boundary, type Fault, type Kind, placeOf } from '../place.ts';

const faults = new Map((native.env['CALICO_FAULT'] ?? '').split(';').map((one) => one.split('=') as [string, Fault]));
/** The file that records every boundary passed, one line of JSON each. */
const trace = native.env['CALICO_FAULT_TRACE'];

const passed: Record<Kind, number> = { request: 0, kernel: 0, program: 0, file: 0 };
const onDown: (() => void)[] = [];
let down = false;

/** The number of the next operation of a kind. */
export const next = (kind: Kind): number => ++passed[kind];

/** Whether the datastore is gone. */
export const isDown = (): boolean => down;

/** Calls `cut` when the datastore goes away. */
export const whenDown = (cut: () => void): void => void onDown.push(cut);

/** Passes a boundary: exits here if that is the requested fault, else returns the fault to simulate. */
export function pass(boundary: Boundary): Fault | undefined {
  if (trace !== undefined) append(trace, `${JSON.stringify(boundary)}\n`);
  const fault = faults.get(placeOf(boundary));
  if (fault === 'kill') native.kill(native.pid, SIGKILL);
  if (fault === 'crash') native.kill(native.pid, SIGSEGV);
  if (fault === 'memory') throw new OutOfMemory('out of memory');
  if (fault === 'down') {
    down = true;
    for (const cut of onDown) native.immediate(cut);
  }
  if (fault === 'beside') runBeside();
  return fault;
}

/** The call in CALICO_FAULT_BESIDE, a shell command. If it fails, this call ends here too. */
function runBeside(): void {
  const script = native.env['CALICO_FAULT_BESIDE'] ?? 'exit 1';
  const { status, stdout } = native.run('/bin/sh', ['-c', script], { env: {}, timeout: 60_000, maxOutput: 1 << 20 });
  if (status === 0) return;
  native.write(2, utf8(`the concurrent call failed: ${fromUtf8(stdout)}`));
  native.exit(99);
}

/** As QuickJS throws it. */
class OutOfMemory extends Error {
  override readonly name = 'InternalError';
}

const SIGKILL = 9;
const SIGSEGV = 11;

function append(path: string, text: string): void {
  const fd = native.open(path, Open.append, 0o644);
  native.write(fd, utf8(text));
  native.close(fd);
}
