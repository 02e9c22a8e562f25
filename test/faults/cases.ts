import { type Boundary, type Fault, placeOf } from './place.ts';
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
  'etcd before': ['kill', 'down', 'beside'],
  'etcd after': ['kill', 'lost', 'down', 'beside'],
  'kernel before': ['kill', 'fails', 'down'],
  'kernel after': ['kill', 'beside'],
  'program before': ['kill', 'fails', 'down'],
  'program after': ['kill', 'fails', 'beside'],
  'file before': ['kill', 'fails'],
  'file after': ['kill'],
};

/** Another network's GC may run at any point of an ADD. What it may break does not depend on what follows. */
const isMeant = ({ verb, isUnread = false, aftermaths }: Scenario, fault: Fault, aftermath: Aftermath): boolean =>
  fault !== 'beside' || (verb === 'ADD' && !isUnread && aftermath === aftermaths[0]);

/** Every fault at every boundary of a scenario. */
export async function casesOf(stage: Stage, scenario: Scenario): Promise<readonly Case[]> {
  // The first call finds less on the machine than later ones.
  await boundariesOf(stage, scenario);
  const boundaries = await boundariesOf(stage, scenario);
  return boundaries.flatMap((boundary) =>
    FAULTS[`${boundary.kind} ${boundary.phase}`].flatMap((fault) =>
      scenario.aftermaths
        .filter((aftermath) => isMeant(scenario, fault, aftermath))
        .map((aftermath) => ({ scenario, boundary, fault, aftermath })),
    ),
  );
}

/** The boundaries of an undisturbed call. What the call added is deleted again. */
async function boundariesOf(stage: Stage, scenario: Scenario): Promise<readonly Boundary[]> {
  const { verb, faults = '', isUnread = false } = scenario;
  const { bed, container, others } = stage;
  await begin(stage, scenario);
  stage.passed();
  const ran = await stage.faulty(verb, container, faults, scenario);
  if ((ran.exit === 0) === isUnread) throw new Error(`${scenario.name} fails by itself: ${ran.stdout}${ran.stderr}`);
  const passed = stage.passed();
  for (const one of [container, ...others]) await call(bed, 'DEL', one, scenario);
  const given = new Set(faults.split(';').map((one) => one.split('=')[0]));
  return passed.filter((boundary) => !given.has(placeOf(boundary)));
}
