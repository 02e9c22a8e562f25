import { parentPort, workerData } from 'node:worker_threads';
import { runCase } from './case.ts';

/** Which cases of which fuzzer to run, and where to report progress. */
export interface Order {
  readonly name: string;
  readonly seed: number;
  readonly from: number;
  readonly to: number;
  readonly progress: Int32Array<SharedArrayBuffer>;
}

const { name, seed, from, to, progress } = workerData as Order;
for (let number = from; number < to; number++) {
  Atomics.store(progress, 0, number);
  const fault = await runCase(name, seed, number);
  if (fault !== undefined) parentPort?.postMessage(fault);
}
