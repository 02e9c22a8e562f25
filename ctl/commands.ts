import { ipamCheck } from './check/command.ts';
import { ipamRepair } from './check/repair-command.ts';
import type { Command } from './command.ts';
import { completion } from './completion.ts';
import { deleteCommand } from './delete.ts';
import { get } from './get.ts';
import { patchCommand } from './patch.ts';
import { version } from './version.ts';
import { apply, create, replace } from './write.ts';

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  get,
  create,
  apply,
  replace,
  patchCommand,
  deleteCommand,
  ipamCheck,
  ipamRepair,
  version,
  completion(() => COMMANDS),
];
