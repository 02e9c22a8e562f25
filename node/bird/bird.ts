import { failure } from '../../shared/error/failure.ts';
import { run } from '../../shared/system/exec.ts';
import { exists } from '../../shared/system/files.ts';
import { type Acceptance, holds, overwriteConfiguration, replaceConfiguration } from './configuration-file.ts';
import { askBird } from './control.ts';
import type { BirdPlace } from './places.ts';
import { askStatus, killBird, startBird } from './processes.ts';
import { type Release, releaseIn } from './release.ts';
import { type BirdReply, isDone, type Silence } from './reply.ts';

/** A BIRD that is kept running with a configuration. */
export interface Bird {
  /** Has BIRD use a configuration, and run. Answers what was done. Throws a Failure. */
  bring(text: string): Promise<readonly string[]>;
}

/** Loading the configuration of thousands of sessions takes a second. */
const CONFIGURE_MS = 20_000;
const CHECK_MS = 20_000;
/** How often in a row BIRD may be silent: it is busy for a moment when very much changes. */
const PATIENCE = 3;

/** A BIRD that this program starts, and starts again when it has died, hangs, or is of another release. */
export function ownBird(place: BirdPlace, release: Release): Bird {
  let silences = 0;
  let loaded: string | undefined;
  const restartFor = async (): Promise<string | undefined> => {
    const answer = await askStatus(place);
    silences = answer === 'silent' ? silences + 1 : 0;
    if (answer === 'forbidden' || (answer === 'silent' && silences < PATIENCE)) throw NO_ANSWER[answer](place);
    if (answer === 'absent') return 'started';
    if (answer === 'silent') return 'started again, because it did not answer';
    return releaseIn(answer.greeting) === release ? undefined : 'started again, because another release ran';
  };
  return {
    async bring(text) {
      const isNew = !holds(place.configuration, text);
      if (isNew) await placeOrGoOn(place, text);
      const why = await restartFor();
      if (why === undefined && loaded === text) return [];
      if (why === undefined) await configure(place);
      else await restart(place);
      const lines = why === undefined ? [] : [why];
      silences = 0;
      loaded = text;
      return isNew ? [...lines, 'has a new configuration'] : lines;
    },
  };
}

/** Whatever becomes of a new configuration, BIRD runs, if there is an old one. */
async function placeOrGoOn(place: BirdPlace, text: string): Promise<void> {
  try {
    await replaceConfiguration(place.configuration, text, checkedByProgram(place));
  } catch (thrown) {
    if (exists(place.configuration) && (await askStatus(place)) === 'absent') await startBird(place);
    throw thrown;
  }
}

/** A killed BIRD's routes stay, here and with its peers, until the next one knows better. */
async function restart(place: BirdPlace): Promise<void> {
  await killBird(place);
  await startBird(place);
}

/** A BIRD that somebody else runs: it is told its configuration, nothing more. */
export function foreignBird(place: BirdPlace): Bird {
  let loaded: string | undefined;
  return {
    async bring(text) {
      answered(await askStatus(place), place);
      if (!holds(place.configuration, text))
        await overwriteConfiguration(place.configuration, text, checkedBySocket(place));
      else if (loaded === text) return [];
      await configure(place);
      const lines = loaded === text ? [] : ['has a new configuration'];
      loaded = text;
      return lines;
    },
  };
}

/** Sessions that stay as they are go on. */
async function configure(place: BirdPlace): Promise<void> {
  const answer = answered(await askBird(place.socket, `configure "${place.configuration}"`, CONFIGURE_MS), place);
  if (!isDone(answer)) throw failure(`BIRD does not load ${place.configuration}: ${lastLine(answer)}`);
}

const checkedByProgram =
  ({ program }: BirdPlace): Acceptance =>
  async (path) => {
    const { status, stderr } = run(program, ['-p', '-c', path], { timeout: CHECK_MS });
    return status === 0 ? undefined : stderr.trim();
  };

const checkedBySocket =
  (place: BirdPlace): Acceptance =>
  async (path) => {
    const answer = answered(await askBird(place.socket, `configure check "${path}"`, CONFIGURE_MS), place);
    return isDone(answer) ? undefined : lastLine(answer);
  };

/** BIRD's answer. Throws a Failure when there is none. */
function answered(answer: BirdReply | Silence, place: BirdPlace): BirdReply {
  if (typeof answer !== 'object') throw NO_ANSWER[answer](place);
  return answer;
}

const lastLine = ({ lines }: BirdReply): string => lines.at(-1) ?? '';

const silent = ({ socket }: BirdPlace) =>
  failure(`BIRD does not answer at ${socket}`, 'it may be busy or hang; its routes stay');
const forbidden = ({ socket }: BirdPlace) => failure(`BIRD may not be asked at ${socket}`, 'this requires root');
const absent = ({ socket }: BirdPlace) =>
  failure(`no BIRD answers at ${socket}`, 'start it, or leave out --bird-socket');

const NO_ANSWER = { silent, forbidden, absent } as const;
