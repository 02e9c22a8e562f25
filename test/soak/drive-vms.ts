import { setTimeout as sleep } from 'node:timers/promises';
import { addressesOf, type CniResult } from '../support/calls/call.ts';
import { type Chance, pick } from '../support/inputs/chance.ts';
import type { KubeVirt } from '../support/kubernetes-datastore/virtual-machines.ts';
import { callFor, type Field } from './calls.ts';
import type { Traffic } from './drive.ts';
import { drawHow, type How } from './how.ts';
import { count, giveUp, hold } from './model.ts';
import { nameOf } from './nodes.ts';
import { newPod, type Vm, type VmPod } from './vm.ts';

/** What a machine's driver needs. */
interface Driving {
  readonly field: Field;
  readonly traffic: Traffic;
  readonly vm: Vm;
  readonly kubeVirt: KubeVirt;
  readonly random: Chance;
  readonly how: () => How;
}

/** An API server that restarts is there again in less than a minute. */
const MOST_TRIES = 600;
/** Between two steps of a machine. */
const PAUSE_MS = 400;

/** One machine's life: random steps until the traffic is over. */
export async function driveVm(field: Field, traffic: Traffic, vm: Vm, random: Chance): Promise<void> {
  const { kubeVirt } = field.nodes;
  if (kubeVirt === undefined) return;
  const driving = { field, traffic, vm, kubeVirt, random, how: () => drawHow(random, field.nodes) };
  while (!traffic.over) {
    await step(driving);
    await sleep(random() * PAUSE_MS);
  }
}

/** Deletes the machine, with calls that nothing disturbs. */
export async function endVm(field: Field, traffic: Traffic, vm: Vm, how: How): Promise<void> {
  const { kubeVirt } = field.nodes;
  if (kubeVirt === undefined || vm.machine === undefined) return;
  const driving = { field, traffic, vm, kubeVirt, random: () => 0, how: () => how };
  if (vm.pods.length === 0) await start(driving);
  await end(driving);
}

async function step(driving: Driving): Promise<void> {
  const { vm, random, field } = driving;
  const lot = random();
  if (vm.pods.length === 0) return start(driving);
  if (lot < 0.3) await migrate(driving, random() < 0.3);
  else if (lot < 0.5) await callPod(driving, 'CHECK', pick(random, vm.pods));
  else if (lot < 0.8) await stop(driving);
  else await end(driving);
  count(field.model, lot < 0.3 ? 'VM migrated' : lot < 0.5 ? 'VM checked' : lot < 0.8 ? 'VM stopped' : 'VM deleted');
}

/** A machine that is new, or was stopped. */
async function start(driving: Driving): Promise<void> {
  const { vm, kubeVirt, field, random } = driving;
  vm.machine ??= await stubbornly(() => kubeVirt.machine(vm.name));
  vm.instance = await stubbornly(() => kubeVirt.instance(vm.name, vm.machine));
  await launch(driving, pick(random, [...field.nodes.hosts.keys()]));
  count(field.model, 'VM started');
}

async function launch(driving: Driving, node: number, migration?: string): Promise<VmPod> {
  const { vm, kubeVirt } = driving;
  const { suffix, pod } = newPod(vm, node);
  const { instance } = vm;
  if (instance === undefined) throw new Error(`${vm.name} has no instance`);
  await stubbornly(() => kubeVirt.launcher(instance, suffix, nameOf(node), migration).catch(unlessThere));
  vm.pods = [...vm.pods, pod];
  await callPod(driving, 'ADD', pod);
  return pod;
}

/** To another node, or back again at once. */
async function migrate(driving: Driving, isFailing: boolean): Promise<void> {
  const { vm, field, random } = driving;
  const [source] = vm.pods;
  const others = [...field.nodes.hosts.keys()].filter((node) => node !== source?.node);
  if (source === undefined || others.length === 0) return;
  const target = await launch(driving, pick(random, others), `m-${vm.containers.length}`);
  await removePod(driving, isFailing ? target : source);
}

/** The machine stays, without instance or pod. */
async function stop(driving: Driving): Promise<void> {
  const { vm, kubeVirt } = driving;
  for (const pod of vm.pods) await removePod(driving, pod);
  const { instance } = vm;
  if (instance !== undefined) await stubbornly(() => kubeVirt.remove(instance));
  vm.instance = undefined;
}

/** Sometimes the objects are gone before the DEL. */
async function end(driving: Driving): Promise<void> {
  const { vm, kubeVirt, random, field } = driving;
  const objects = [vm.machine, vm.instance].filter((each) => each !== undefined);
  const [machine] = objects;
  const remove = async () => {
    for (const object of objects) await stubbornly(() => kubeVirt.remove(object));
  };
  vm.isEnding = true;
  giveUp(field.model, vm);
  if (random() < 0.3) await remove();
  else if (machine !== undefined) await stubbornly(() => kubeVirt.startDeletion(machine));
  for (const pod of vm.pods) await removePod(driving, pod);
  vm.addresses = [];
  await remove();
  [vm.machine, vm.instance, vm.isEnding] = [undefined, undefined, false];
}

async function removePod(driving: Driving, pod: VmPod): Promise<void> {
  const { vm, kubeVirt, random } = driving;
  const gone = () => stubbornly(() => kubeVirt.removePod(pod.podName));
  const isEarly = random() < 0.2;
  if (isEarly) await gone();
  pod.state = 'unknown';
  await callPod(driving, 'DEL', pod);
  vm.pods = vm.pods.filter((each) => each !== pod);
  if (!isEarly) await gone();
}

type Verb = 'ADD' | 'DEL' | 'CHECK';

/** Repeats a call until it is done, as the kubelet does. */
async function callPod(driving: Driving, verb: Verb, pod: VmPod): Promise<void> {
  const { traffic } = driving;
  for (let tries = 0; ; tries++) {
    while (traffic.halted || traffic.collecting.has(pod.node)) await sleep(5);
    pod.busy = true;
    try {
      if (await isDone(driving, verb, pod, tries)) return;
    } finally {
      pod.busy = false;
    }
    if (tries > 0) await sleep(50);
  }
}

/** One call. An ADD that was interrupted is sometimes repeated after a DEL, a CHECK never. */
async function isDone({ field, vm, random, how }: Driving, verb: Verb, pod: VmPod, tries: number): Promise<boolean> {
  if (tries > 0 && verb === 'ADD' && random() < 0.5) await callFor(field, 'DEL', pod, how());
  const more = verb === 'CHECK' ? { prevResult: pod.result } : {};
  const [ending, ran] = await callFor(field, verb, pod, how(), more);
  if (ending === 'done' && verb === 'ADD') added(field, vm, pod, JSON.parse(ran.stdout) as CniResult);
  return ending === 'done' || verb === 'CHECK';
}

/** The address must be the one that the machine has had from its first ADD. */
function added({ model }: Field, vm: Vm, pod: VmPod, result: CniResult): void {
  const addresses = addressesOf(result);
  const changed = vm.addresses.length > 0 && vm.addresses.join() !== addresses.join();
  if (changed) model.problems.push(`LOST address of ${vm.name}: ${addresses} after ${vm.addresses}`);
  hold(model, vm, addresses);
  vm.addresses = addresses;
  pod.result = result;
  pod.state = 'up';
}

/** Repeats what may be repeated until the API server has done it. What is there already was made by a request without an answer. */
async function stubbornly<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (tries === MOST_TRIES) throw error;
      await sleep(100);
    }
  }
}

function unlessThere(error: unknown): void {
  if (!String(error).includes(': 409 ')) throw error;
}
