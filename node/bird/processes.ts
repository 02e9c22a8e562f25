import { failure } from '../../shared/error/failure.ts';
import { elapsed } from '../../shared/system/clock.ts';
import { programPath, runFile, startDetached } from '../../shared/system/exec.ts';
import { sleep } from '../../shared/system/pause.ts';
import { networkProcesses, SIGNALS, signalProcess } from '../../shared/system/processes.ts';
import { askBird } from './control.ts';
import { hasBirdRoutes } from './kernel-routes.ts';
import type { BirdPlace } from './places.ts';
import { type Release, releaseIn } from './release.ts';
import type { BirdReply, Silence } from './reply.ts';

const ANSWER_MS = 3_000;
const START_MS = 10_000;
const LOOK_MS = 30;

/** What BIRD says of itself. */
export const askStatus = ({ socket }: Pick<BirdPlace, 'socket'>): Promise<BirdReply | Silence> =>
  askBird(socket, 'show status', ANSWER_MS);

/** The installed BIRD. Throws a Failure that says what to install. */
export function installedRelease(): Release {
  const path = programPath('bird');
  const { stdout, stderr } = runFile(path, ['--version'], { timeout: ANSWER_MS });
  const release = releaseIn(`${stdout}${stderr}`);
  if (release === undefined) {
    throw failure(
      `${path} is not BIRD 1.6 or 2`,
      `it says ${JSON.stringify(`${stdout}${stderr}`.trim().slice(0, 80))}`,
    );
  }
  return release;
}

/** Starts BIRD and waits until it answers. It lives on when this process ends. */
export async function startBird(place: BirdPlace): Promise<void> {
  // Routes of a BIRD that ran before stay until the sessions are back; without any there is nothing to wait for.
  const restart = place.families.some(hasBirdRoutes) ? ['-R'] : [];
  const args = ['-f', '-c', place.configuration, '-s', place.socket, ...restart];
  const started = startDetached(place.program, args);
  for (const until = elapsed() + START_MS; elapsed() < until; await sleep(LOOK_MS)) {
    if (typeof (await askStatus(place)) === 'object') return;
    const end = started.status();
    if (end !== undefined)
      throw failure(`${place.program} ended at once (${end.signal ?? `status ${end.exitCode}`})`, byHand(place));
  }
  throw failure(`${place.program} was started and does not answer at ${place.socket}`, byHand(place));
}

const byHand = ({ program, configuration, socket }: BirdPlace): string =>
  `to see what it says: ${program} -d -c ${configuration} -s ${socket}`;

/** Kills the BIRD at a socket, if one is there: unlike a shutdown, its peers keep its routes, as the kernel does. */
export async function killBird({ socket }: Pick<BirdPlace, 'socket'>): Promise<void> {
  const pids = networkProcesses()
    .filter(({ args }) => args.some((arg, at) => arg === '-s' && args[at + 1] === socket))
    .map(({ pid }) => pid);
  for (const pid of pids) signalProcess(pid, SIGNALS.kill);
  const isThere = () => networkProcesses().some(({ pid }) => pids.includes(pid));
  for (const until = elapsed() + ANSWER_MS; isThere() && elapsed() < until; ) await sleep(LOOK_MS);
}

/** Has BIRD shut down, which ends its sessions; kills it when it does not. */
export async function endBird(place: BirdPlace): Promise<void> {
  await askBird(place.socket, 'down', ANSWER_MS);
  for (const until = elapsed() + ANSWER_MS; elapsed() < until; await sleep(LOOK_MS)) {
    if ((await askStatus(place)) === 'absent') return;
  }
  await killBird(place);
}
