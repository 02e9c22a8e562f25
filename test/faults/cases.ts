import { isMeant } from './meant.ts';
import { type Boundary, type Fault, placeOf, STATUSES } from './place.ts';
import { type Aftermath, begin, type Scenario } from './scenarios.ts';
import { call, type Stage } from './stage.ts';

/** One fault at one boundary of one call, and what the runtime does next. */
export interface Case {
  readonly scenario: Scenario;
  readonly boundary: Boundary;
  readonly fault: Fault;
  readonly aftermath: Aftermath;
}

/**
 * Which faults are possible where: an answer can only be lost after its request, and the disk only be full before a
 * write.
 */
const FAULTS: Readonly<Record<`${Boundary['kind']} ${Boundary['phase']}`, readonly Fault[]>> = {
  'request before': ['kill', 'down', ...STATUSES, 'beside'],
  'request after': ['kill', 'lost', 'down', 'beside'],
  'kernel before': ['kill', 'fails', 'down'],
  'kernel after': ['kill', 'beside'],
  'program before': ['kill', 'fails', 'down'],
  'program after': ['kill', 'fails', 'beside'],
  'file before': ['kill', 'fails'],
  'file after': ['kill'],
};

/** Every fault at every boundary of a scenario. */
export async function casesOf(stage: Stage, scenario: Scenario): Promise<readonly Case[]> {
  // The first call finds less on the machine than later ones.
  await boundariesOf(stage, scenario);
  const boundaries = await boundariesOf(stage, scenario);
  return boundaries.flatMap((boundary) =>
    FAULTS[`${boundary.kind} ${boundary.phase}`].flatMap((fault) =>
      scenario.aftermaths
        .map((aftermath) => ({ scenario, boundary, fault, aftermath }))
        .filter((one) => isMeant(stage.cluster.datastore, one)),
    ),
  );
}

/** The boundaries of an undisturbed call. What the call added is deleted again. */
async function boundariesOf(stage: Stage, scenario: Scenario): Promise<readonly Boundary[]> {
  const { verb, faults = '', isUnread = false } = scenario;
  const { cluster, container, others } = stage;
  await begin(stage, scenario);
  stage.passed();
  const ran = await stage.faulty(verb, container, faults, scenario);
  if ((ran.exit === 0) === isUnread) throw new Error(`${scenario.name} fails by itself: ${ran.stdout}${ran.stderr}`);
  const passed = stage.passed();
  for (const one of [container, ...others]) await call(cluster, 'DEL', one, scenario);
  await scenario.finish?.(stage);
  const given = new Set(faults.split(';').map((one) => one.split('=')[0]));
  return passed.filter((boundary) => !given.has(placeOf(boundary)));
}
