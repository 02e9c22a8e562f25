import { platform } from '#platform';
import type { PluginRuns } from '../../shared/kubernetes/exec-plugin.ts';
import type { World } from '../../shared/system/world.ts';

/** With a terminal a user may have to log in first, in a browser. */
const LIMIT_MS = { alone: 60_000, withUser: 600_000 };

/** How a user's credential plugins are run, and a world whose clock for deadlines stands still while one runs. */
export function attended(world: World): { readonly world: World; readonly plugins: PluginRuns } {
  const terminal = platform.isTerminal(0);
  let waited = 0;
  const during: PluginRuns['during'] = (work) => {
    const began = world.elapsed();
    try {
      return work();
    } finally {
      waited += world.elapsed() - began;
    }
  };
  return {
    world: { ...world, elapsed: () => world.elapsed() - waited },
    plugins: { terminal, limit: terminal ? LIMIT_MS.withUser : LIMIT_MS.alone, during },
  };
}
