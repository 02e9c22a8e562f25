import { run } from '../../shared/system/exec.ts';
import type { World } from '../../shared/system/world.ts';
import { type Kernel, readKernel } from './on-node.ts';

/** Reads this machine's interfaces and routes. Throws a Failure if `ip` is missing or fails. */
export function lookAtKernel(world: World): Kernel {
  const ask = (...words: readonly string[]): readonly unknown[] => {
    const { stdout } = run('ip', ['-j', ...words], { env: world.env });
    // `ip -j` prints nothing, not an empty list, when it finds nothing.
    return stdout.trim() === '' ? [] : (JSON.parse(stdout) as readonly unknown[]);
  };
  const routes = [...ask('-4', 'route', 'show'), ...ask('-6', 'route', 'show')];
  return readKernel(ask('link', 'show', 'type', 'veth'), routes);
}
