import { nodeCheckSystem } from '../node/commands/checksystem.ts';
import { nodeDiags } from '../node/commands/diags.ts';
import { nodeRun } from '../node/commands/run.ts';
import { nodeStatus } from '../node/commands/status.ts';
import { nodeStop } from '../node/commands/stop.ts';
import { nodeUnit } from '../node/commands/unit.ts';
import { ipamCheck } from './check/command.ts';
import type { Command } from './command-line/command.ts';
import { completion } from './commands/completion.ts';
import { deleteCommand } from './commands/delete.ts';
import { get } from './commands/get.ts';
import { labelCommand } from './commands/label.ts';
import { patchCommand } from './commands/patch.ts';
import { version } from './commands/version.ts';
import { apply, create, replace } from './commands/write.ts';
import { datastoreCheck } from './datastore/check.ts';
import { datastoreLock, datastoreReady, datastoreUnlock } from './datastore/ready.ts';
import { init } from './init/init.ts';
import { ipamConfigure } from './ipam/configure.ts';
import { ipamGroupShow } from './ipam/group-show.ts';

import { nodeIpam } from './ipam/node-ipam.ts';
import { ipamRelease } from './ipam/release.ts';
import { ipamShow } from './ipam/show.ts';
import { ipamSplit } from './ipam/split.ts';
import { ipamMetrics } from './metrics/command.ts';
import { migrateExport } from './migrate/export.ts';
import { migrateImport } from './migrate/import.ts';
import { ipamRepair } from './repair/repair-command.ts';

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  init,
  get,
  create,
  apply,
  replace,
  patchCommand,
  labelCommand,
  deleteCommand,
  ipamShow,
  ipamGroupShow,
  ipamRelease,
  ipamMetrics,
  ipamConfigure,
  ipamSplit,
  ipamCheck,
  ipamRepair,
  nodeIpam,
  nodeCheckSystem,
  nodeRun,
  nodeStatus,
  nodeStop,
  nodeUnit,
  nodeDiags,
  datastoreCheck,
  datastoreReady,
  datastoreLock,
  datastoreUnlock,
  migrateExport,
  migrateImport,
  version,
  completion(() => COMMANDS),
];
