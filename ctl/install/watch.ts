import type { World } from '../../shared/system/world.ts';
import { momentNow } from '../watch/moment.ts';
import { listen } from '../watch/signals.ts';
import { INSTALLER } from '../watch/state.ts';
import { forgetState, stateFile } from '../watch/state-file.ts';
import { NOTHING_REPORTED, unreported } from '../watch/unreported.ts';
import { uptimeNow } from '../watch/uptime.ts';
import type { Voice } from '../watch/voice.ts';
import { warmPages } from '../watch/warm-pages.ts';
import { forced, look, START, type Standing, whyNotReady } from './look.ts';
import { recordPath } from './record.ts';
import type { Settings } from './settings.ts';
import { type InstallStep, stepText } from './steps.ts';

/** Often enough for people, and too seldom to be seen in a profile. */
const LOOK_EVERY_MS = 5_000;
const WARM_EVERY_S = 30;

/** Installs, and keeps what it has installed as it should be, until SIGTERM or SIGINT. */
export async function watch(world: World, settings: Settings, voice: Voice): Promise<void> {
  const signals = listen();
  const writeState = stateFile(INSTALLER);
  const warm = warming(settings);
  const report = reportTo(voice);
  const done = (step: InstallStep) => {
    // The record is written before and after everything else.
    if (step.do !== 'leave' && step.path !== recordPath(settings)) voice.say(stepText(step, false));
  };
  writeState('installing');
  for (let standing = START; !signals.isStopped(); ) {
    const from = signals.takeHangUp() ? forced(standing) : standing;
    const next = await signals.orStop(look(world, settings, from, done));
    if (next === undefined) break;
    if (next !== standing) report(next);
    standing = next;
    writeState(whyNotReady(standing, momentNow(world)));
    warm();
    await signals.wait(LOOK_EVERY_MS);
  }
  forgetState(INSTALLER);
}

function reportTo({ say, complain }: Voice): (standing: Standing) => void {
  let reported = NOTHING_REPORTED;
  return (standing) => {
    const { notes, problems, ...now } = unreported(reported, standing.notes, standing.problems);
    for (const note of notes) say(`note: ${note}\n`);
    for (const problem of problems) complain(problem);
    reported = now.reported;
  };
}

/** After an uninstallation there is nothing to do but to stay: a container that ends is started again. */
export async function idle(): Promise<void> {
  const signals = listen();
  const writeState = stateFile(INSTALLER);
  while (!signals.isStopped()) {
    writeState('');
    await signals.wait(LOOK_EVERY_MS);
  }
  forgetState(INSTALLER);
}

/** Keeps the installed executable's pages in memory. */
function warming({ executableFolders }: Settings): () => void {
  let at = 0;
  return () => {
    if (uptimeNow() < at) return;
    at = uptimeNow() + WARM_EVERY_S;
    for (const folder of executableFolders) warmPages(`${folder}/calico`);
  };
}
