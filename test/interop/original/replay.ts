import { mkdirSync, writeFileSync } from 'node:fs';
import { tools } from '../../../build/tools.ts';
import { readState } from '../../support/bed/state.ts';
import { cniPath } from '../../support/calls/call.ts';
import { type Etcd, startEtcd } from '../../support/etcd/etcd.ts';
import { type Host, type Ran, startHost } from '../../support/host/host.ts';
import { addNetns, deleteNetns } from '../../support/network/netns.ts';
import type { CnitoolStep, Outcome, PluginStep, Recording, Step } from './recording.ts';

/** A machine on which a recording is replayed. */
export interface Stage {
  readonly host: Host;
  readonly etcd: Etcd;
  /** The namespaces made so far. */
  readonly pods: string[];
}

/** Takes the current outcome of a step, and retries until it is satisfied or gives up. */
export type Judge = (index: number, look: () => Promise<Outcome>) => Promise<void>;

/** Runs `work` on a machine with an empty etcd. */
export async function onStage(work: (stage: Stage) => Promise<void>): Promise<void> {
  const host = await startHost();
  const etcd = await startEtcd(host);
  try {
    await work({ host, etcd, pods: [] });
  } finally {
    await etcd.stop();
    await host.stop();
  }
}

/** Replays a recording with our executables. `judge` is called after each plugin call. */
export async function replay(recording: Recording, judge: Judge): Promise<void> {
  await onStage(async (stage) => {
    await stage.etcd.put(recording.seed);
    for (const [index, step] of recording.steps.entries()) {
      const ran = await act(stage, step);
      if (ran !== undefined) await judge(index, () => look(stage, ran));
    }
  });
}

/** What a call printed, with the state after it. */
export async function look({ host, etcd, pods }: Stage, ran: Ran): Promise<Outcome> {
  return { exit: ran.exit ?? -1, stdout: ran.stdout, ...(await readState(host, etcd, pods)) };
}

/** Runs one step. Returns what a plugin printed, or nothing for a change from outside. */
export async function act(stage: Stage, step: Step): Promise<Ran | undefined> {
  if ('plugin' in step) return callPlugin(stage, step);
  if ('cnitool' in step) return callCnitool(stage, step);
  if ('put' in step) await stage.etcd.put(step.put);
  else if ('delete_netns' in step) await deleteNetns(stage.host, step.delete_netns);
  else writeFileSync(stage.host.file(step.file), step.content);
  return undefined;
}

async function callPlugin(stage: Stage, step: PluginStep): Promise<Ran> {
  await ensurePod(stage, step.env['CNI_NETNS']);
  const given = Object.entries({ ...step.env, CNI_PATH: cniPath() });
  return stage.host.run(`${tools().bin}/${step.plugin}`, step.argv ?? [], {
    env: Object.fromEntries(given),
    input: step.stdin,
  });
}

async function callCnitool(stage: Stage, step: CnitoolStep): Promise<Ran> {
  const path = '/var/run/netns/pod1';
  await ensurePod(stage, path);
  const folder = '/run/calico-test/net.d';
  mkdirSync(stage.host.file(folder), { recursive: true });
  writeFileSync(stage.host.file(`${folder}/10-net1.conflist`), JSON.stringify(step.conflist));
  const env = {
    PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
    NETCONFPATH: folder,
    CNI_PATH: cniPath(),
    CAP_ARGS: JSON.stringify(step.CAP_ARGS),
  };
  return stage.host.run(tools().cnitool ?? '', [step.cnitool, 'net1', path], { env });
}

/** Makes the namespace that a step is the first to name, as the recorder did. */
async function ensurePod({ host, pods }: Stage, path: string | undefined): Promise<void> {
  const name = path?.replace('/var/run/netns/', '');
  if (name === undefined || name.startsWith('nosuch') || pods.includes(name)) return;
  pods.push(name);
  await addNetns(host, name, '1');
}
