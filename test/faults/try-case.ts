import type { Ran } from '../support/host/host.ts';
import { afterwards, endOf } from './aftermath.ts';
import type { Case } from './cases.ts';
import { placeOf } from './place.ts';
import { begin, type Scenario } from './scenarios.ts';
import { call, type Stage } from './stage.ts';

/** The result of a case. */
export interface Outcome {
  readonly tried: Case;
  /** How the call that met the fault ended. */
  readonly ended: string;
  /** The problems, one per line. Empty if there are none. */
  readonly problems: readonly string[];
}

/** Runs a case: the call that meets the fault, then what the runtime does next. Nothing may be left. */
export async function tryCase(stage: Stage, tried: Case): Promise<Outcome> {
  const { scenario, boundary, fault, aftermath } = tried;
  await begin(stage, scenario);
  stage.passed();
  const faults = [scenario.faults ?? [], `${placeOf(boundary)}=${fault}`].flat().join(';');
  const ran = await stage.faulty(scenario.verb, stage.container, faults, scenario);
  const met = stage.passed().some((one) => placeOf(one) === placeOf(boundary));
  const problems = [
    ...(met ? [] : ['the boundary was not reached']),
    ...(fault === 'beside' ? await undisturbed(stage, scenario, ran) : []),
    ...(await afterwards(stage, scenario, aftermath, ran)),
  ];
  return { tried, ended: endOf(ran, scenario), problems };
}

/** An ADD during which another network's GC ran must still bring its container up. */
async function undisturbed({ cluster, container }: Stage, scenario: Scenario, ran: Ran): Promise<readonly string[]> {
  if (ran.exit !== 0) return [`it did not succeed: ${ran.stdout}${ran.stderr}`];
  const prevResult = JSON.parse(ran.stdout);
  const checked = await call(cluster, 'CHECK', container, { ...scenario, conf: { ...scenario.conf, prevResult } });
  return checked.exit === 0 ? [] : [`CHECK says ${checked.stdout}`];
}
