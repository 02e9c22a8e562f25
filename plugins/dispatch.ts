import { main as calicoIpam } from '../ipam/main.ts';
import { baseOf } from '../shared/file-name.ts';
import { processWorld, runProcess } from '../shared/process-world.ts';
import { main as calico } from './main.ts';

/** One executable behind several names, told apart by the name it was started under, as the original. */
const PROGRAMS = { calico, 'calico-ipam': calicoIpam } as const;

const name = baseOf(process.argv0).replace(/\.exe$/, '');
if (name === 'calico' || name === 'calico-ipam') {
  void runProcess(PROGRAMS[name]);
} else if (name === 'calico-install') {
  runProcess(async (world) => (await import('../ctl/install/main.ts')).main(world));
} else {
  processWorld().stderr(`Unknown binary name: ${name}\n`);
  process.exitCode = 2;
}
