import type { Host } from '../host/host.ts';

/** The numbers of BIRD’s processes on a machine. */
export async function birdsOn(host: Host): Promise<readonly string[]> {
  const { stdout } = await host.run('sh', ['-c', 'grep -lx -e bird -e bird6 /proc/[0-9]*/comm']);
  return stdout.match(/\d+/g) ?? [];
}
