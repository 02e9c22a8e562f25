import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { silentSuccess } from '../support/calls/call.ts';
import { HINTS } from '../support/hint/hint-fates.ts';
import type { Host } from '../support/host/host.ts';
import { call, DUAL_STACK, type Stage, up } from './stage.ts';

/** The hint of each machine's calls, by whether they name the datastore in another way. */
const hints = new WeakMap<Stage, Map<boolean, string>>();

/** A node with blocks of both families, and a hint of them: what a call finds, and so its boundaries, must not depend on the case before. */
export async function warmUp(stage: Stage, isRespelt = false): Promise<void> {
  const { cluster, others } = stage;
  const known = hints.get(stage) ?? new Map<boolean, string>();
  hints.set(stage, known);
  if (namesBoth(known.get(isRespelt))) return;
  const made = { conf: DUAL_STACK, isRespelt };
  await up(cluster, others[1], made);
  silentSuccess(await call(cluster, 'DEL', others[1], made));
  known.set(isRespelt, newestIn(cluster.host));
}

function namesBoth(path: string | undefined): boolean {
  if (path === undefined || !existsSync(path)) return false;
  const [, own = ''] = /"own":(\[[^\]]*\])/.exec(readFileSync(path, 'utf8')) ?? [];
  return own.includes('.') && own.includes(':');
}

function newestIn(host: Host): string {
  const paths = readdirSync(host.file(HINTS)).map((name) => `${host.file(HINTS)}/${name}`);
  return paths.sort((one, other) => statSync(other).mtimeMs - statSync(one).mtimeMs)[0] ?? '';
}
