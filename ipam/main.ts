import { VERSION } from '../shared/call/version.ts';
import { counting } from '../shared/call-counts/counting.ts';
import { serve, serveFlags, type Verbs } from '../shared/cni/skel.ts';
import { ALL_VERSIONS } from '../shared/cni/version.ts';
import type { World } from '../shared/system/world.ts';

const FLAGS = { upgrade: 'Upgrade from host-local', v: 'Display version' };

/** Each verb is loaded by the calls that it serves. */
const VERBS: Verbs = {
  about: `Calico CNI IPAM ${VERSION}`,
  component: 'ipam',
  supported: ALL_VERSIONS,
  unversioned: '0.1.0',
  add: async (call, answer) => (await import('./verbs/add.ts')).add(call, answer),
  del: async (call) => (await import('./verbs/del.ts')).del(call),
  check: async (call) => (await import('./verbs/check.ts')).check(call),
  status: async (call) => (await import('./verbs/status.ts')).status(call),
  gc: async (call) => (await import('./verbs/gc.ts')).gc(call),
  ended: counting('calico-ipam'),
};

/** The executable `calico-ipam`; resolves to its exit status. */
export async function main(world: World): Promise<number> {
  const flags = serveFlags(world, { name: 'calico-ipam', version: VERSION, known: FLAGS });
  if ('status' in flags) return flags.status;
  if (flags.flag === 'upgrade') {
    world.stderr(
      'calico-ipam -upgrade, which takes over the addresses of host-local, is not supported: drain the node before its network configuration changes to calico-ipam\n',
    );
    return 1;
  }
  return serve(world, VERBS);
}
