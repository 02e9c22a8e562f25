import { Worker } from 'node:worker_threads';
import { say } from '../../build/say.ts';
import { again, CASE_LIMIT_MS } from './case.ts';
import { readOptions } from './options.ts';
import type { Order } from './worker.ts';

/**
 * `npm run fuzz`: hostile input, hundreds of thousands of cases, with a count for each fuzzer. See options.ts for the
 * options. A failure is printed with the command that repeats it. Cases run on a separate thread, so that an endless
 * one is detected too.
 */
const MOST_TOLD = 10;

async function main(): Promise<number> {
  const { cases, seed, only, single } = readOptions(process.argv.slice(2));
  let failed = 0;
  for (const name of only) {
    const [from, to] = single === undefined ? [0, cases] : [single, single + 1];
    const began = performance.now();
    const faults = await run({ name, seed, from, to });
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    failed += faults;
    console.log(
      `${name.padEnd(12)} ${String(to - from).padStart(8)} cases  ${faults} failed  ${seconds} s  seed ${seed}`,
    );
  }
  return failed === 0 ? 0 : 1;
}

/** The number of failed cases. */
function run(order: Omit<Order, 'progress'>): Promise<number> {
  const progress = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: { ...order, progress } });
  let faults = 0;
  let seen = { at: -1, since: performance.now() };
  return new Promise((resolve, reject) => {
    const end = () => {
      clearInterval(timer);
      resolve(faults);
    };
    const timer = setInterval(() => {
      const at = Atomics.load(progress, 0);
      if (at !== seen.at) seen = { at, since: performance.now() };
      if (performance.now() - seen.since < 3 * CASE_LIMIT_MS) return;
      faults++;
      say(`${again(order.name, order.seed, at)}: does not end`);
      void worker.terminate().then(end);
    }, 1000);
    worker.on('message', (fault: string) => {
      if (++faults <= MOST_TOLD) say(fault);
    });
    worker.on('error', reject);
    worker.on('exit', end);
  });
}

try {
  process.exitCode = await main();
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
