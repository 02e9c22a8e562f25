import type { Voice } from '../../ctl/watch/voice.ts';
import { failure } from '../../shared/error/failure.ts';
import { toFailure } from '../../shared/error/failure-context.ts';
import { failureText } from '../../shared/error/failure-text.ts';
import { elapsed } from '../../shared/system/clock.ts';
import { sleep } from '../../shared/system/pause.ts';
import { SIGNALS, signalProcess, startOf } from '../../shared/system/processes.ts';
import { type Instance, runningInstance } from './instance.ts';
import type { Part } from './part.ts';

const LIMIT_MS = 10_000;
const LOOK_EVERY_MS = 20;

/** Ends the process of this machine, and removes with `clean` what its parts have made. Resolves to the exit status. */
export async function stopNode(voice: Voice, parts: readonly Part[], clean: boolean): Promise<number> {
  const running = runningInstance();
  if (running === undefined) {
    voice.say('calicoctl node run does not run on this machine\n');
  } else {
    await end(running);
    voice.say(`Ended calicoctl node run (pid ${running.pid})\n`);
  }
  if (!clean) return 0;
  const results = await Promise.all(parts.map((part) => removed(part, voice)));
  return results.every((isDone) => isDone) ? 0 : 1;
}

async function end({ pid, start }: Instance): Promise<void> {
  if (startOf(pid) !== start) {
    throw failure(
      `calicoctl node run runs on this machine, but not as process ${pid}`,
      'it runs in another container: end it there',
    );
  }
  signalProcess(pid, SIGNALS.terminate);
  const limit = elapsed() + LIMIT_MS;
  while (startOf(pid) === start && runningInstance()?.pid === pid) {
    if (elapsed() > limit) throw failure(`process ${pid} has not ended within ${LIMIT_MS / 1_000} s`, `kill -9 ${pid}`);
    await sleep(LOOK_EVERY_MS);
  }
}

/** Whether everything of a part was removed. */
async function removed(part: Part, voice: Voice): Promise<boolean> {
  try {
    await part.stop(true);
    voice.say(`Removed what ${part.name} had made\n`);
    return true;
  } catch (thrown) {
    voice.complain(failureText(toFailure(thrown, `removing what ${part.name} had made`), `${part.name}: `));
    return false;
  }
}
