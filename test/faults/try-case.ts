import { afterwards, endOf } from './aftermath.ts';
import type { Case } from './cases.ts';
import { placeOf } from './hook/boundary.ts';
import type { Stage } from './stage.ts';

/** What came of a case. */
export interface Outcome {
  readonly tried: Case;
  /** How the call that met the fault ended. */
  readonly ended: string;
  /** What is wrong, a line each; none: all is well. */
  readonly problems: readonly string[];
}

/** Plays a case through: the call that meets the fault, what the runtime does then, and what must be left: nothing. */
export async function tryCase(stage: Stage, tried: Case): Promise<Outcome> {
  const { scenario, boundary, fault, aftermath } = tried;
  await scenario.prepare(stage);
  stage.passed();
  const faults = [scenario.faults ?? [], `${placeOf(boundary)}=${fault}`].flat().join(';');
  const ran = await stage.faulty(scenario.verb, stage.container, faults, scenario.conf);
  const met = stage.passed().some((one) => placeOf(one) === placeOf(boundary));
  const problems = await afterwards(stage, scenario, aftermath, ran);
  return { tried, ended: endOf(ran), problems: [...(met ? [] : ['the boundary was not reached']), ...problems] };
}
