import { VERSION } from '../shared/call/version.ts';
import { serve, serveFlags, type Verbs } from '../shared/cni/skel.ts';
import { ALL_VERSIONS } from '../shared/cni/version.ts';
import type { World } from '../shared/system/world.ts';
import { inContainerTurn } from './call/container-turn.ts';
import { add } from './verbs/add.ts';
import { check } from './verbs/check.ts';
import { testDatastore } from './verbs/datastore-test.ts';
import { del } from './verbs/del.ts';
import { gc } from './verbs/gc.ts';
import { status } from './verbs/status.ts';

const FLAGS = {
  t: 'Test the connection to the datastore (configuration on standard input)',
  v: 'Display version',
};

const VERBS: Verbs = {
  about: `Calico CNI plugin ${VERSION}`,
  component: 'cni-plugin',
  supported: ALL_VERSIONS,
  unversioned: '0.2.0',
  add: (call, answer) => inContainerTurn(call, 'ADD', (turn) => add(call, answer, turn)),
  del: (call) => inContainerTurn(call, 'DEL', () => del(call)),
  check,
  status,
  gc,
};

/** The executable `calico`; resolves to its exit status. */
export async function main(world: World): Promise<number> {
  const flags = serveFlags(world, { name: 'calico', version: VERSION, known: FLAGS });
  if ('status' in flags) return flags.status;
  if (flags.flag === 't') return testDatastore(world);
  // A delegated IPAM plugin inherits it.
  const args = world.env['CNI_ARGS'] ?? '';
  const env = { ...world.env, CNI_ARGS: args === '' ? 'IgnoreUnknown=1' : `IgnoreUnknown=1;${args}` };
  return serve({ ...world, env }, VERBS);
}
