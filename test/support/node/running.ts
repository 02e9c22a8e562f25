import { onTestFinished } from 'vitest';
import { tools } from '../../../build/tools.ts';
import type { Bed } from '../bed/bed.ts';
import { calicoctl, ENDPOINTS } from '../calicoctl/calicoctl.ts';
import { startWatching, until, untilProbe, type Watching } from '../install/watching.ts';

/** Without BIRD: it would outlive the test. */
const ENV = { ...ENDPOINTS, CALICO_NETWORKING_BACKEND: 'vxlan' };
const PID = '/var/run/calico/node-run.pid';

type OnMachine = Pick<Bed, 'host'>;

/** Starts `calicoctl node run` with more words on a machine whose etcd is its own; it ends with the test. */
export function nodeRun({ host }: OnMachine, more = '', env: Readonly<Record<string, string>> = {}): Watching {
  const words = [`${tools().bin}/calicoctl`, 'node', 'run', ...more.split(' ').filter((word) => word !== '')];
  const running = startWatching(host, words, { ...ENV, ...env });
  onTestFinished(async () => void (await running.stop()));
  return running;
}

/** Waits until it says that it is ready. */
export const untilReady = (bed: OnMachine): Promise<void> =>
  untilProbe(() => calicoctl(bed, 'node run --ready'), 0, 'ready');

/** Waits until it says why it is not. */
export const untilUnready = (bed: OnMachine, why: string): Promise<void> =>
  untilProbe(() => calicoctl(bed, 'node run --ready'), 1, why);

/** The pid that it has recorded. */
export async function pidOf({ host }: OnMachine): Promise<number> {
  let text = '';
  await until(
    async () => {
      text = (await host.run('cat', [PID])).stdout;
      return /^\d+ \d+\n$/.test(text);
    },
    () => `a pid is in ${PID}: ${text}`,
  );
  return Number(text.split(' ')[0]);
}
