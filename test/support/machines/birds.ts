import type { Host } from '../host/host.ts';
import { until } from '../kubernetes-datastore/custom-resources.ts';

/** The numbers of BIRD’s processes on a machine. */
export async function birdsOn(host: Host): Promise<readonly string[]> {
  const { stdout } = await host.run('sh', ['-c', 'grep -lx -e bird -e bird6 /proc/[0-9]*/comm']);
  return stdout.match(/\d+/g) ?? [];
}

/** Kills them as kill -9 does. Returns the numbers that they had. */
export async function killBirds(host: Host): Promise<readonly string[]> {
  const killed = await birdsOn(host);
  await host.must('sh', ['-c', 'kill "$@"', 'sh', '-9', ...killed]);
  return killed;
}

/** Waits until as many others run as were killed. */
export const untilBirdsAreBack = (host: Host, killed: readonly string[]): Promise<void> =>
  until(
    async () => (await birdsOn(host)).filter((pid) => !killed.includes(pid)).length === killed.length,
    'BIRD to be back',
  );
