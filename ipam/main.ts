import { VERSION } from '../shared/call/version.ts';
import { serve, serveFlags, type Verbs } from '../shared/cni/skel.ts';
import { ALL_VERSIONS } from '../shared/cni/version.ts';
import type { World } from '../shared/system/world.ts';
import { add } from './verbs/add.ts';
import { check } from './verbs/check.ts';
import { del } from './verbs/del.ts';
import { gc } from './verbs/gc.ts';
import { status } from './verbs/status.ts';

const FLAGS = { upgrade: 'Upgrade from host-local', v: 'Display version' };

const VERBS: Verbs = {
  about: `Calico CNI IPAM ${VERSION}`,
  component: 'ipam',
  supported: ALL_VERSIONS,
  unversioned: '0.1.0',
  add,
  del,
  check,
  status,
  gc,
};

/** The executable `calico-ipam`; resolves to its exit status. */
export async function main(world: World): Promise<number> {
  const flags = serveFlags(world, { name: 'calico-ipam', version: VERSION, known: FLAGS });
  if ('status' in flags) return flags.status;
  if (flags.flag === 'upgrade') {
    world.stderr(
      'calico-ipam -upgrade moves host-local addresses to the Kubernetes datastore; this version serves etcd\n',
    );
    return 1;
  }
  return serve(world, VERBS);
}
