import { ipamCheck } from '../../ctl/check/command.ts';
import type { Command } from '../../ctl/command-line/command.ts';
import { parseCommandLine } from '../../ctl/command-line/command-line.ts';
import type { Context } from '../../ctl/command-line/context.ts';
import { get } from '../../ctl/commands/get.ts';
import { version } from '../../ctl/commands/version.ts';
import { datastoreCheck } from '../../ctl/datastore/check.ts';
import { nodeIpam } from '../../ctl/ipam/node-ipam.ts';
import { ipamShow } from '../../ctl/ipam/show.ts';
import { writeJson } from '../../shared/bytes/json.ts';
import { get as query } from '../../shared/datastore/query.ts';
import { CLUSTER_INFORMATION } from '../../shared/datastore/ref.ts';
import { toFailure } from '../../shared/error/failure-context.ts';
import { failureText } from '../../shared/error/failure-text.ts';
import { sleep } from '../../shared/system/pause.ts';
import { checksOf } from '../checksystem/checks.ts';
import { lookAtSystem } from '../checksystem/look.ts';
import { checksText } from '../checksystem/text.ts';
import { lookAtNode } from '../status/look.ts';
import { statusJson, statusText } from '../status/text.ts';
import type { Diagnostics } from './collection.ts';
import { COMMAND_LINES } from './sources.ts';

const COMMANDS: readonly Command[] = [version, datastoreCheck, ipamCheck, ipamShow, nodeIpam, get];
/** How long one command may wait for the datastore. */
const COMMAND_MS = 10_000;
/** How long the datastore may take for one small object. */
const ANSWER_MS = 5_000;

/** Collects what calicoctl itself shows. A datastore that does not answer is not asked again and again. */
export async function collectCommands(into: Diagnostics, context: Context, isLate: () => boolean): Promise<void> {
  into.add('calicoctl/node-checksystem', checksText(checksOf(lookAtSystem(context.world, undefined))));
  const status = await lookAtNode(undefined);
  // The text is of a machine whose routes somebody makes.
  into.add('calicoctl/node-status', status.routedBy === undefined ? statusJson(status) : statusText(status));
  learnTarget(into, context);
  await addCommand(COMMAND_LINES.datastore, into, context);
  let answers = await doesAnswer(context);
  for (const line of COMMAND_LINES.stored) {
    if (!answers || isLate())
      into.leaveOut(nameOf(line), answers ? 'no time was left' : 'the datastore does not answer');
    else answers = await addCommand(line, into, context);
  }
}

/** How the datastore is reached has passwords and keys. A configuration that cannot be read is told by each command. */
function learnTarget(into: Diagnostics, context: Context): void {
  try {
    into.learn(writeJson(context.target));
  } catch {
    into.leaveOut('calicoctl.cfg', 'it cannot be used');
  }
}

const nameOf = (line: string): string => `calicoctl/${line.split(' -')[0]?.replaceAll(' ', '-')}`;

async function doesAnswer(context: Context): Promise<boolean> {
  try {
    await context.store.read([query(CLUSTER_INFORMATION)], context.world.elapsed() + ANSWER_MS);
    return true;
  } catch (thrown) {
    return toFailure(thrown, 'asking the datastore').kind !== 'datastore unavailable';
  }
}

/** Whether it ended in time. */
async function addCommand(line: string, into: Diagnostics, context: Context): Promise<boolean> {
  const said: string[] = [`$ calicoctl ${line}\n`];
  const parsed = parseCommandLine(line.split(' '), COMMANDS);
  if (!('command' in parsed)) throw new Error(`calicoctl ${line}: ${parsed.err}`);
  const work = parsed.command
    .run(
      listening(context, (text) => void said.push(text)),
      parsed.args,
    )
    .then(
      (status) => `status ${status}\n`,
      (thrown) => failureText(toFailure(thrown, `running calicoctl ${line}`)),
    );
  const how = await Promise.race([work, sleep(COMMAND_MS)]);
  into.add(nameOf(line), [...said, how ?? `did not end within ${COMMAND_MS} ms\n`].join(''));
  return how !== undefined;
}

/** The same context with another reader, less time, and nobody to ask. */
function listening(context: Context, out: (text: string) => void): Context {
  const { world, log } = context;
  return {
    world,
    log,
    get target() {
      return context.target;
    },
    get store() {
      return context.store;
    },
    get deadline() {
      return world.elapsed() + COMMAND_MS;
    },
    openScan: () => context.openScan(),
    openFeed: (kinds) => context.openFeed(kinds),
    isTerminal: false,
    out,
    err: out,
    progress: () => {},
    confirm: () => false,
  };
}
