import type { NetworkState } from '../state/network-state.ts';
import { type Duty, type DutyOptions, startDuty } from './duty.ts';
import type { Part } from './part.ts';

/** A part that is kept as the state wants it. */
export interface KeptPart extends Duty {
  /** Whether it is as the newest state wants it. */
  isDone(): boolean;
}

/** How often a part looks whether others have changed what it made. */
const CHECK_EVERY_MS = 8_000;

/** Keeps a part as `state` wants it, whatever becomes of other parts. `done` is called each time it is. */
export function keepPart(
  part: Part,
  state: () => NetworkState | undefined,
  { world, voice, done }: Pick<DutyOptions, 'world' | 'voice'> & { readonly done: () => void },
): KeptPart {
  let applied: NetworkState | undefined;
  let isSound = false;
  let told: string | undefined;
  const bring = async (): Promise<readonly string[]> => {
    const wanted = state();
    if (wanted === undefined) return [];
    // A check that fails is followed by an `apply`, which does nothing where all is well.
    const isCheck = isSound && wanted === applied;
    isSound = false;
    const lines = isCheck ? ((await part.check?.()) ?? []) : await part.apply(wanted);
    applied = wanted;
    isSound = true;
    return lines;
  };
  const work = async (): Promise<readonly string[]> => {
    const lines = await bring();
    const problem = part.problem();
    if (problem !== undefined && problem !== told) voice.complain(`${part.name}: ${problem}\n`);
    told = problem;
    done();
    return lines;
  };
  const duty = startDuty({ name: part.name, everyMs: CHECK_EVERY_MS, work, world, voice });
  return {
    ...duty,
    problem: () => duty.problem() ?? part.problem(),
    isDone: () => applied !== undefined && applied === state(),
  };
}
