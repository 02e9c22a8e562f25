import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { bundle } from '../../../build/bundle.ts';
import { inWorkFolder } from '../../../build/places.ts';
import { tools } from '../../../build/tools.ts';
import { allCases, tryAll } from '../../faults/campaign.ts';
import type { Case } from '../../faults/cases.ts';
import { bundleFaulty, faultBuild, textOf } from '../../faults/fault-build.ts';
import { placeOf } from '../../faults/place.ts';
import { problemsOf } from '../../faults/table.ts';
import { chance, sample } from '../../support/inputs/chance.ts';

/** All cases take minutes: `npm run faults`. */
const CASES = 100;
const SEED = 8;
const HOOK = 'CALICO_FAULT';

let program = '';
let cases: readonly Case[] = [];
beforeAll(async () => {
  program = await faultBuild();
  cases = await allCases({ program, datastore: 'etcd' });
}, 240_000);

describe('the fault build', () => {
  test('differs from the release by its hook, which the release does not contain', async () => {
    const [released, faulty] = await inWorkFolder(async (folder) => {
      return [textOf(await bundle(folder)), textOf(await bundleFaulty(folder))];
    });
    expect(faulty).toContain(HOOK);
    expect(released).not.toContain(HOOK);
    expect(readFileSync(program).includes(HOOK)).toBe(true);
    expect(readFileSync(join(tools().bin, 'calico')).includes(HOOK)).toBe(false);
  });

  test('passes each boundary once, so that no case is tried twice', () => {
    const texts = cases.map(({ scenario: { name }, boundary, fault, aftermath }) =>
      [name, placeOf(boundary), fault, aftermath].join(),
    );
    expect(texts.filter((text, at) => texts.indexOf(text) !== at)).toEqual([]);
  });

  test.each([
    ['first ADD on a node', 'request', 'write', 'kernel set link', 'kernel set route'],
    ['ADD, shaped', 'request', 'write', 'tc -batch'],
    ['ADD, host-local', 'request', 'write', 'host-local ADD'],
    ['DEL', 'request', 'a process that sends'],
    ['DEL without datastore', 'write cni-journal', 'rename to cni-journal'],
    ['GC of three', 'request', 'a process that sends'],
  ])('records what %s does: %s, %s …', (name, ...known) => {
    const boundaries = cases.filter(({ scenario }) => scenario.name === name).map(({ boundary }) => boundary);
    const texts = boundaries.map((boundary) => `${boundary.kind} ${boundary.name}`);
    for (const one of known) expect(texts.some((text) => text.includes(one))).toBe(true);
  });
});

test(`${CASES} faults, drawn from all boundaries, leave nothing once the runtime has followed up`, {
  timeout: 300_000,
}, async () => {
  const chosen = sample(chance(SEED), cases, CASES);
  const outcomes = await tryAll({ program, datastore: 'etcd', machines: 3 }, chosen);
  expect(outcomes).toHaveLength(CASES);
  expect(problemsOf(outcomes)).toEqual([]);
});
