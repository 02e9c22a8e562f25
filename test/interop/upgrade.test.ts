import { describe, test } from 'vitest';
import { expected, expectSoon } from './expectation.ts';
import { rebuildKernel } from './rebuild.ts';
import { callsOf, recorded } from './recorded.ts';
import { type PluginStep, type Recording, readRecording, type Step, scenarios } from './recording.ts';
import { act, look, onStage, type Stage } from './replay.ts';

/** A step of a recording that follows another call. */
interface Succession {
  readonly scenario: string;
  readonly before: number;
  readonly step: number;
  readonly command: string;
}

/** All steps that find what a successful call of the original has left in kernel or etcd. */
const SUCCESSIONS: readonly Succession[] = scenarios().flatMap((scenario) => {
  const calls = callsOf(readRecording(scenario));
  const pairs = calls.slice(1).map((call, place) => [calls[place] ?? call, call] as const);
  const left = pairs.filter(([[, before]]) => before.exit === 0 && Object.keys(before.etcd).join().includes('/block/'));
  return left.map(([[before], [step, call]]) => ({ scenario, before, step, command: commandOf(call) }));
});

describe('on what the original has left', () => {
  test.each(SUCCESSIONS)('we go on as it did: $scenario, step $step ($command)', async ({ scenario, before, step }) => {
    const recording = readRecording(scenario);
    await onStage(async (stage) => {
      await takeOver(stage, recording, before);
      for (const between of recording.steps.slice(before + 1, step)) await act(stage, between);
      const ran = await act(stage, recording.steps[step] as Step);
      const earlier = callsOf(recording).filter(([index]) => index < step);
      if (ran === undefined) throw new Error(`step ${step} is no call`);
      await expectSoon(
        () => look(stage, ran),
        earlier.map(([, outcome]) => outcome),
        expected(recording).get(step),
        `step ${step}`,
      );
    });
  });
});

/** Puts etcd and the kernel into the state recorded after a step, and makes sure of it. */
async function takeOver(stage: Stage, recording: Recording, before: number): Promise<void> {
  const calls = callsOf(recording);
  const outcome = recording.steps[before] as PluginStep;
  await stage.etcd.put(outcome.etcd);
  await rebuildKernel(stage.host, outcome);
  stage.pods.push(...Object.keys(outcome.pods));
  for (const step of recording.steps.slice(0, before)) if ('file' in step) await act(stage, step);
  const earlier = calls.filter(([index]) => index < before).map(([, call]) => call);
  const again = () => look(stage, { exit: outcome.exit, stdout: outcome.stdout, stderr: '', millis: 0 });
  await expectSoon(again, earlier, recorded(recording).get(before), 'the state taken over');
}

function commandOf(call: object): string {
  return 'env' in call ? `${(call.env as Readonly<Record<string, string>>)['CNI_COMMAND']}` : 'cnitool';
}
