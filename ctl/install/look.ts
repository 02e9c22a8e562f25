import type { World } from '../../shared/system/world.ts';
import { waitAfter } from '../watch/backoff.ts';
import { due, type Situation } from '../watch/due.ts';
import { markOf } from '../watch/marks.ts';
import { momentNow } from '../watch/moment.ts';
import { isExpired, type Moment } from '../watch/token-life.ts';
import { type Done, problemText } from './carry-out-all.ts';
import { type Memory, NO_MEMORY, type Passed, pass } from './pass.ts';
import { isTokenTaken, podAccount } from './pod-account.ts';
import type { Settings } from './settings.ts';

const VERIFY_EVERY_S = 600;
/** Everything is read again although it looks the same from outside. */
const PASS_EVERY_S = 86_400;

/** What is known between two looks. */
export interface Standing extends Pick<Situation, 'failures' | 'passAt' | 'verifyAt'> {
  readonly memory: Memory;
  /** Why the node is not as it should be. */
  readonly problems: readonly string[];
  /** What the last pass has to say besides. */
  readonly notes: readonly string[];
  /** A pass is made whatever the files look like. */
  readonly isForced: boolean;
}

export const START: Standing = {
  memory: NO_MEMORY,
  problems: [],
  notes: [],
  failures: 0,
  passAt: 0,
  verifyAt: 0,
  isForced: true,
};

/** The same after a request to check at once, also what was left to others. */
export const forced = (standing: Standing): Standing => ({
  ...standing,
  memory: { ...standing.memory, repairs: {} },
  failures: 0,
  isForced: true,
});

/** Does what is due. Returns the same standing when that is nothing. */
export async function look(world: World, settings: Settings, standing: Standing, done: Done): Promise<Standing> {
  const moment = momentNow(world);
  const what = due(situationOf(standing), moment);
  if (what === 'nothing') return standing;
  const { memory } = standing;
  if (what === 'pass') return after(standing, await passed(world, settings, memory, done), world, moment);
  if (await isTaken(world, settings, memory)) {
    return { ...standing, verifyAt: moment.uptime + VERIFY_EVERY_S };
  }
  const { notes, ...rest } = await passed(world, settings, { ...memory, held: undefined }, done);
  return after(standing, { ...rest, notes: [REFUSED, ...notes] }, world, moment);
}

const REFUSED =
  'the API server does not take the plugin’s token any more (was its service account deleted or replaced?): a new one is requested';

async function isTaken(world: World, settings: Settings, { held }: Memory): Promise<boolean> {
  try {
    const account = podAccount(world, settings);
    return account === undefined || held === undefined || (await isTokenTaken(account, held.token, world));
  } catch {
    // A pass will say why.
    return true;
  }
}

async function passed(world: World, settings: Settings, memory: Memory, done: Done): Promise<Passed> {
  try {
    return await pass(world, settings, memory, done);
  } catch (thrown) {
    return { memory, notes: [], problems: [problemText(thrown)] };
  }
}

function after(standing: Standing, result: Passed, world: World, { uptime }: Moment): Standing {
  const failures = result.problems.length === 0 ? 0 : standing.failures + 1;
  const chance = (world.random(1)[0] ?? 0) / 256;
  return {
    ...result,
    failures,
    passAt: uptime + (failures > 0 ? waitAfter(failures, chance) : PASS_EVERY_S),
    verifyAt: uptime + VERIFY_EVERY_S * (1 + chance),
    isForced: false,
  };
}

function situationOf({ memory, isForced, ...rest }: Standing): Situation {
  const hasChanged = isForced || Object.entries(memory.marks).some(([path, mark]) => markOf(path) !== mark);
  return { ...rest, hasChanged, token: memory.held?.held };
}

/** Why the node is not ready; '' if it is. */
export function whyNotReady({ problems, memory }: Standing, moment: Moment): string {
  const token = memory.held?.held;
  if (token !== undefined && isExpired(token, moment)) return `the plugin’s token has expired; ${problems.join('; ')}`;
  return problems.join('; ');
}
