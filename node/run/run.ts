import type { Args } from '../../ctl/command-line/command.ts';
import type { Context } from '../../ctl/command-line/context.ts';
import { nameHere } from '../../ctl/init/this-node.ts';
import { listen, type Signals } from '../../ctl/watch/signals.ts';
import { forgetState, stateFile } from '../../ctl/watch/state-file.ts';
import type { Voice } from '../../ctl/watch/voice.ts';
import { toFailure } from '../../shared/error/failure-context.ts';
import { failureText } from '../../shared/error/failure-text.ts';
import { sleep } from '../../shared/system/pause.ts';
import { becomeInstance } from './instance.ts';
import { machinePrograms } from './machine-programs.ts';
import { NodeProcess } from './node-process.ts';
import { refusalBeside } from './other-programs.ts';
import type { Part } from './part.ts';
import { requireRoot } from './require-root.ts';
import { readRunSettings } from './run-settings.ts';
import { NODE_RUN } from './watched.ts';

const LOOK_EVERY_MS = 5_000;
/** How long parts may take to end; the process must be gone within a second. */
const END_WITHIN_MS = 500;

/** Makes the parts of the process; throws when their options are wrong. */
type PartsOf = (context: Context, args: Args, withBird: boolean) => readonly Part[];

/** Does the work of `calicoctl node run` until SIGTERM or SIGINT. Resolves to the exit status. */
export async function runNode(context: Context, args: Args, partsOf: PartsOf): Promise<number> {
  const settings = readRunSettings(args, context.world.env, context.target.type === 'kubernetes');
  const parts = partsOf(context, args, settings.withBird);
  requireRoot();
  const refused = refusalBeside(machinePrograms());
  if (refused !== undefined) throw refused;
  const node = nameHere(settings.name, '--name');
  becomeInstance();
  const voice = { say: unheard(context.out), complain: unheard(context.err) };
  for (const notice of settings.notices) voice.say(`note: ${notice}\n`);
  const worker = new NodeProcess({
    world: context.world,
    voice,
    args,
    registration: { ...settings, node },
    withBird: settings.withBird,
    everyMs: settings.everyMs,
    parts,
  });
  const signals = listen();
  await worker.begin();
  voice.say(`Running as node ${node.name}\n`);
  try {
    await watchOver(worker, signals, voice);
  } finally {
    await Promise.race([worker.stop(), sleep(END_WITHIN_MS)]);
    forgetState(NODE_RUN);
  }
  voice.say('Ended; routes and traffic stay as they are\n');
  return 0;
}

async function watchOver(worker: NodeProcess, signals: Signals, voice: Voice): Promise<void> {
  const writeState = stateFile(NODE_RUN);
  while (!signals.isStopped()) {
    if (signals.takeHangUp()) await reread(worker, voice);
    writeState(worker.whyNotReady());
    await Promise.race([signals.wait(LOOK_EVERY_MS), worker.news()]);
    if (worker.refusal !== undefined) throw worker.refusal;
  }
}

/** After a SIGHUP. What was followed before is followed on when the new settings cannot be used. */
async function reread(worker: NodeProcess, voice: Voice): Promise<void> {
  try {
    await worker.begin();
    voice.say('Read the settings again\n');
  } catch (thrown) {
    voice.complain(failureText(toFailure(thrown, 'reading the settings again')));
  }
}

/** A reader that has gone away must not end the work. */
const unheard =
  (write: (text: string) => void) =>
  (text: string): void => {
    try {
      write(text);
    } catch {
      // Nobody is there to be told.
    }
  };
