import { describe, expect, test } from 'vitest';
import { tools } from '../../../build/tools.ts';
import { DIFFERENCES } from './differences.ts';
import { expected, expectSoon } from './expectation.ts';
import { recorded } from './recorded.ts';
import { type Outcome, readRecording, scenarios } from './recording.ts';
import { replay } from './replay.ts';

describe.concurrent('our executables do what the recordings of the original show', () => {
  test.for(scenarios())('%s', async (scenario, { skip }) => {
    skip(scenario.startsWith('chain-') && tools().cnitool === undefined, 'cnitool cannot be built here');
    const recording = readRecording(scenario);
    const wanted = expected(recording);
    const ours: Outcome[] = [];
    await replay(recording, async (index, look) => {
      ours.push(await expectSoon(look, ours, wanted.get(index), `step ${index}`));
    });
  });
});

describe('the table of differences', () => {
  test.each(DIFFERENCES)('lists a real difference: $scenario, step $step, $why', ({ scenario, step }) => {
    const recording = readRecording(scenario);
    expect(expected(recording).get(step)).not.toEqual(recorded(recording).get(step));
  });
});
