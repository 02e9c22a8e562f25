import { beforeAll, expect, test } from 'vitest';
import { inOneGroup } from '../../../support/kubernetes-datastore/cluster-of-tests.ts';
import { record } from './recorder.ts';
import { readRecording } from './recordings.ts';
import { SCENARIOS } from './scenarios.ts';

inOneGroup('what has been recorded happens again:', (bed) => {
  beforeAll(() => bed.reset());

  test.each(Object.entries(SCENARIOS))('%s', async (name, steps) => {
    const now = JSON.parse(JSON.stringify(await record(bed, steps)));
    expect(now).toEqual(readRecording(name));
  });
});
