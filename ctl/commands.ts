import { ipamCheck } from './check/command.ts';
import { ipamRepair } from './check/repair-command.ts';
import type { Command } from './command.ts';
import { completion } from './completion.ts';
import { datastoreCheck } from './datastore.ts';
import { datastoreLock, datastoreReady, datastoreUnlock } from './datastore-ready.ts';
import { deleteCommand } from './delete.ts';
import { get } from './get.ts';
import { init } from './init.ts';
import { ipamConfigure } from './ipam/configure.ts';
import { ipamRelease } from './ipam/release.ts';
import { ipamShow } from './ipam/show.ts';
import { nodeIpam } from './node-ipam.ts';
import { patchCommand } from './patch.ts';
import { version } from './version.ts';
import { apply, create, replace } from './write.ts';

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  init,
  get,
  create,
  apply,
  replace,
  patchCommand,
  deleteCommand,
  ipamShow,
  ipamRelease,
  ipamConfigure,
  ipamCheck,
  ipamRepair,
  nodeIpam,
  datastoreCheck,
  datastoreReady,
  datastoreLock,
  datastoreUnlock,
  version,
  completion(() => COMMANDS),
];
