import { toFailure } from '../shared/error/failure-context.ts';
import { failureText } from '../shared/error/failure-text.ts';
import { errnoName } from '../shared/system/errno.ts';
import type { World } from '../shared/system/world.ts';
import { type Args, type Command, UsageError } from './command-line/command.ts';
import { parseCommandLine } from './command-line/command-line.ts';
import { openContext } from './command-line/context.ts';
import { COMMANDS } from './commands.ts';

/** The executable `calicoctl`. Resolves to its exit status: 0 success, 1 failed or not clean, 2 wrong usage. */
export async function main(world: World): Promise<number> {
  const parsed = parseCommandLine(world.argv, COMMANDS);
  if ('command' in parsed) return run(world, parsed.command, parsed.args);
  world.stdout(parsed.out);
  world.stderr(parsed.err);
  return parsed.status;
}

async function run(world: World, command: Command, args: Args): Promise<number> {
  const { context, close } = openContext(world, args);
  try {
    return await command.run(context, args);
  } catch (thrown) {
    return complain(world, command, thrown);
  } finally {
    close();
  }
}

/** What a shell reports for a program whose reader has gone (128 + SIGPIPE). */
const READER_GONE = 141;

function complain(world: World, command: Command, thrown: unknown): number {
  if (errnoName(thrown) === 'EPIPE') return READER_GONE;
  if (thrown instanceof UsageError) {
    world.stderr(`${thrown.message}\nTry: calicoctl ${command.words} --help\n`);
    return 2;
  }
  const failed = toFailure(thrown, `running calicoctl ${command.words}`);
  const before = /^(?:Failed|Unable|Hit error)/.test(failed.message) ? '' : 'Failed to execute command: ';
  world.stderr(failureText(failed, before));
  return 1;
}
