import type { World } from '../../shared/system/world.ts';
import { probeOf } from '../watch/probe.ts';
import { INSTALLER } from '../watch/state.ts';
import { askState } from '../watch/state-file.ts';

/** The executable `calico-install`. Resolves to its exit status: 0 done, 1 failed, 2 wrong usage. */
export async function main(world: World): Promise<number> {
  if (world.argv[0] === 'manifest') return printManifest(world);
  const probe = probeOf(world.argv);
  // A probe is started every few seconds, for years.
  const answer = probe === undefined ? await answered(world) : askState(INSTALLER, probe);
  if (typeof answer === 'number') return answer;
  if (answer.status === 0) world.stdout(answer.text);
  else world.stderr(answer.text);
  return answer.status;
}

async function answered(world: World) {
  const { readCommandLine, obey, VERSION } = await import('./commands.ts');
  const line = readCommandLine(world.argv, VERSION);
  return 'text' in line ? line : obey(world, line.command, (text) => world.stdout(text));
}

async function printManifest(world: World): Promise<number> {
  const { manifest } = await import('../manifest/manifest.ts');
  const { out, err, status } = manifest(world, world.argv.slice(1));
  world.stdout(out);
  world.stderr(err);
  return status;
}
