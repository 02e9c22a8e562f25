import { platform } from '#platform';
import { main as calicoIpam } from '../ipam/main.ts';
import { LAST_WORDS, refuse } from '../shared/cni/skel.ts';
import { toFailure } from '../shared/error/failure-context.ts';
import { failureText } from '../shared/error/failure-text.ts';
import { baseOf } from '../shared/system/file-name.ts';
import { blockingStderr, processWorld, runProcess } from '../shared/system/process-world.ts';
import type { World } from '../shared/system/world.ts';
import { main as calico } from './main.ts';

/** One executable with several names; the name it is started by selects the plugin (as Calico). */
const PLUGINS = { calico, 'calico-ipam': calicoIpam } as const;

/** Further programs, loaded only when started by name so that plugin calls start faster. */
const TOOLS = {
  calicoctl: async (world: World) => (await import('../ctl/main.ts')).main(world),
  'calico-install': async (world: World) => (await import('../ctl/install/main.ts')).main(world),
} as const;

const name = baseOf(platform.argv[0] ?? '').replace(/\.exe$/, '');
if (name === 'calico' || name === 'calico-ipam') {
  runProcess(PLUGINS[name], refuse, processWorld(), LAST_WORDS);
} else if (name === 'calicoctl' || name === 'calico-install') {
  runProcess(TOOLS[name], complain, processWorld(blockingStderr));
} else {
  processWorld().stderr(`Unknown binary name: ${name}\n`);
  platform.exit(2);
}

/** Prints an error that a tool did not handle itself. */
function complain(world: World, thrown: unknown): number {
  world.stderr(failureText(toFailure(thrown), `${name}: `));
  return 1;
}
