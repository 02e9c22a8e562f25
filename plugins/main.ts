import { VERSION } from '../shared/call/version.ts';
import { counting } from '../shared/call-counts/counting.ts';
import { serve, serveFlags, type Verbs } from '../shared/cni/skel.ts';
import { ALL_VERSIONS } from '../shared/cni/version.ts';
import type { World } from '../shared/system/world.ts';

const FLAGS = {
  t: 'Test the connection to the datastore (configuration on standard input)',
  v: 'Display version',
};

/** Each verb is loaded by the calls that it serves. */
const VERBS: Verbs = {
  about: `Calico CNI plugin ${VERSION}`,
  component: 'cni-plugin',
  supported: ALL_VERSIONS,
  unversioned: '0.2.0',
  add: async (call, answer) => (await import('./verbs/add.ts')).add(call, answer),
  del: async (call) => (await import('./verbs/del.ts')).del(call),
  check: async (call) => (await import('./verbs/check.ts')).check(call),
  status: async (call) => (await import('./verbs/status.ts')).status(call),
  gc: async (call) => (await import('./verbs/gc.ts')).gc(call),
  ended: counting('calico'),
};

/** The executable `calico`; resolves to its exit status. */
export async function main(world: World): Promise<number> {
  const flags = serveFlags(world, { name: 'calico', version: VERSION, known: FLAGS });
  if ('status' in flags) return flags.status;
  if (flags.flag === 't') return (await import('./verbs/datastore-test.ts')).testDatastore(world);
  // A delegated IPAM plugin inherits it.
  const args = world.env['CNI_ARGS'] ?? '';
  const env = { ...world.env, CNI_ARGS: args === '' ? 'IgnoreUnknown=1' : `IgnoreUnknown=1;${args}` };
  return serve({ ...world, env }, VERBS);
}
