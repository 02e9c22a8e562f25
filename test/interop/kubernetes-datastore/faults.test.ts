import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { casesOf } from '../../faults/cases.ts';
import { faultBuild } from '../../faults/fault-build.ts';
import { killOne } from '../../faults/kills.ts';
import { SCENARIOS, type Scenario } from '../../faults/scenarios.ts';
import { openStage, type Stage } from '../../faults/stage.ts';
import { problemsOf, problemsOfKills } from '../../faults/table.ts';
import { tryCase } from '../../faults/try-case.ts';
import { chance, sample } from '../../support/inputs/chance.ts';
import { hasKubernetes } from '../../support/kubernetes/api-server.ts';

const SEED = 8;
/** All cases take half an hour: `npm run faults -- --datastore kubernetes`. */
const CASES = 6;
/** More with `npm run faults -- --datastore kubernetes --kills 1000`. */
const KILLS = 6;

const scenarioNamed = (name: string): Scenario => SCENARIOS.find((each) => each.name === name) ?? expect.fail(name);

describe.skipIf(!hasKubernetes())('on the Kubernetes datastore', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({ program: await faultBuild(), datastore: 'kubernetes' });
  }, 120_000);
  afterAll(() => stage?.cluster.close());

  test.each([
    'first ADD on a node',
    'DEL, borrowed address',
    'ADD of a virtual machine',
    'ADD of a migration’s target',
    'DEL of a virtual machine’s last pod',
  ])(`${CASES} faults of %s leave nothing once the runtime has followed up`, { timeout: 120_000 }, async (name) => {
    const cases = await casesOf(stage, scenarioNamed(name));
    expect(new Set(cases.map(({ fault }) => fault))).toContain('429');
    for (const one of sample(chance(SEED), cases, CASES)) {
      expect(problemsOf([await tryCase(stage, one)])).toEqual([]);
    }
  });

  test('GC alone removes what an ADD of a borrowed address leaves that is killed after a write', {
    timeout: 120_000,
  }, async () => {
    const cases = (await casesOf(stage, scenarioNamed('ADD, borrowed address'))).filter(
      ({ fault, aftermath, boundary: { kind, phase, name } }) =>
        `${fault}, then ${aftermath}` === 'kill, then GC' &&
        `${phase} ${kind}` === 'after request' &&
        /(POST|PUT|PATCH) /.test(name),
    );
    expect(cases.map(({ boundary: { name } }) => name.replace(/.*(ipam\w+|pods).*/, '$1'))).toEqual([
      'ipamhandles',
      'ipamblocks',
      'pods',
    ]);
    for (const one of cases) expect(problemsOf([await tryCase(stage, one)])).toEqual([]);
  });

  test(`${KILLS} times kill -9 of ADD, DEL and GC, at any time, leave nothing either`, {
    timeout: 120_000,
  }, async () => {
    const random = chance(SEED);
    const durations = new Map<Scenario, number>();
    for (let kills = 0; kills < KILLS; kills++) {
      expect(problemsOfKills([await killOne(stage, random, durations)])).toEqual([]);
    }
  });
});
