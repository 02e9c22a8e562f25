import { describe, expect, test } from 'vitest';
import { resultOf } from '../../support/calls/call.ts';
import type { Ran } from '../../support/host/host.ts';
import { expected, expectSoon } from './expectation.ts';
import { rebuildKernel } from './rebuild.ts';
import { callsOf, recorded } from './recorded.ts';
import { type Outcome, type PluginStep, type Recording, readRecording, type Step, scenarios } from './recording.ts';
import { act, look, onStage, type Stage } from './replay.ts';

/** A step of a recording that follows another call. */
interface Succession {
  readonly scenario: string;
  readonly before: number;
  readonly step: number;
  readonly command: string;
}

/** All steps that find what a successful call of the original left in kernel or etcd. */
const SUCCESSIONS: readonly Succession[] = scenarios().flatMap((scenario) => {
  const calls = callsOf(readRecording(scenario));
  const pairs = calls.slice(1).map((call, place) => [calls[place] ?? call, call] as const);
  const left = pairs.filter(([[, before]]) => before.exit === 0 && Object.keys(before.etcd).join().includes('/block/'));
  return left.map(([[before], [step, call]]) => ({ scenario, before, step, command: commandOf(call) }));
});

describe.concurrent('on top of what the original left', () => {
  test.each(SUCCESSIONS)(
    'ours do what the original did: $scenario, step $step ($command)',
    async ({ scenario, before, step }) => {
      const recording = readRecording(scenario);
      await onStage(async (stage) => {
        await takeOver(stage, recording, before);
        for (const between of recording.steps.slice(before + 1, step)) await act(stage, between);
        const ran = await call(stage, recording.steps[step]);
        const earlier = callsOf(recording).filter(([index]) => index < step);
        await expectSoon(
          () => look(stage, ran),
          earlier.map(([, outcome]) => outcome),
          expected(recording).get(step),
          `step ${step}`,
        );
      });
    },
  );
});

describe.concurrent('a pod made by the original', () => {
  test.for(['add-del', 'dual-stack', 'ipv6-only', 'result-1.0.0', 'mtu-queues-forwarding', 'default-routes'])(
    'is repaired by our ADD with the same address: %s',
    async (scenario) => {
      const recording = readRecording(scenario);
      const [step, theirs] = firstCall(recording);
      await onStage(async (stage) => {
        await takeOver(stage, recording, step);
        await stage.host.must('ip', ['link', 'del', `${theirs.host.links[0]?.['ifname']}`]);
        const ran = await call(stage, theirs);
        expect(resultOf(ran).ips).toEqual(JSON.parse(theirs.stdout).ips);
        // The result of a repeated ADD has no routes, like the original's.
        const again = () => look(stage, { ...ran, stdout: theirs.stdout });
        await expectSoon(again, [], recorded(recording).get(step), 'the state after the repair');
      });
    },
  );
});

/** Puts etcd and the kernel into the state recorded after a step, and verifies it. */
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

/** Runs a step that must be a call. */
async function call(stage: Stage, step: Step | undefined): Promise<Ran> {
  const ran = step === undefined ? undefined : await act(stage, step);
  if (ran === undefined) throw new Error('This step calls no plugin');
  return ran;
}

function firstCall(recording: Recording): readonly [number, Step & Outcome] {
  const [first] = callsOf(recording);
  if (first === undefined) throw new Error(`${recording.scenario} has no call`);
  return first;
}
