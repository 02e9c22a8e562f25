import { setTimeout as sleep } from 'node:timers/promises';
import { addressesOf, type Call, type CniResult, callPlugin } from '../support/calls/call.ts';
import type { Host, Ran } from '../support/host/host.ts';
import { netnsPath } from '../support/network/netns.ts';
import type { Conf } from '../support/stored/cluster.ts';
import type { How } from './how.ts';
import { bringUp, count, type Model, release, type Slot } from './model.ts';
import { type Nodes, nameOf } from './nodes.ts';

/** How a call ended: 'failed' is expected while the datastore is down, 'killed' if it was killed. */
export type Ending = 'done' | 'failed' | 'killed';

/** What calls need. */
export interface Field {
  readonly nodes: Nodes;
  readonly model: Model;
  /** Path of the fault build. */
  readonly faulty: string;
}

/** A program started by a killed call exits within this time. No runtime calls again so soon. */
const SETTLE_MS = 60;

/** Makes a call and counts it. An unexpected failure is a problem. */
async function made(field: Field, verb: string, who: string, call: () => Promise<Ran>): Promise<[Ending, Ran]> {
  const { nodes, model } = field;
  const before = nodes.epoch();
  const ran = await call();
  const disturbed = nodes.epoch() !== before || before % 2 === 1;
  const ending = ran.exit === undefined ? 'killed' : ran.exit === 0 ? 'done' : 'failed';
  if (ending === 'killed') await sleep(SETTLE_MS);
  if (ending === 'failed' && !disturbed) model.problems.push(`${verb} of ${who} failed: ${ran.stdout}`);
  count(model, `${verb} ${ending === 'failed' ? 'failed without datastore' : ending}`);
  return [ending, ran];
}

export function callFor(field: Field, verb: string, slot: Slot, how: How, more: Conf = {}): Promise<[Ending, Ran]> {
  const { containerID, netns, name } = slot;
  const given = confOf(field, slot.node, how, { ...slot.wish, ...more });
  const call = { command: verb, containerID, netns: netnsPath(netns), args: name.args, conf: given };
  return made(field, verb, containerID, () => callPlugin(hostOf(field, slot.node), { ...call, ...ways(how) }));
}

const ways = ({ killAfter, env }: How): Pick<Call, 'killAfter' | 'env'> => ({
  env,
  ...(killAfter === undefined ? {} : { killAfter }),
});

/** ADD of a container. One that is already up keeps its addresses. */
export async function add(field: Field, slot: Slot, how: How): Promise<void> {
  const { model } = field;
  const had = slot.result;
  release(model, slot);
  const [ending, ran] = await callFor(field, 'ADD', slot, how);
  if (ending !== 'done') return;
  const result = JSON.parse(ran.stdout) as CniResult;
  const same = had === undefined || addressesOf(had).join() === addressesOf(result).join();
  if (!same) model.problems.push(`ADD of ${slot.containerID} again: ${addressesOf(result)} after ${addressesOf(had)}`);
  bringUp(model, slot, result);
}

export async function del(field: Field, slot: Slot, how: How): Promise<void> {
  release(field.model, slot);
  const [ending] = await callFor(field, 'DEL', slot, how);
  if (ending === 'done') slot.state = 'none';
}

/** DEL that loses the datastore at its first request, so that its release goes to the journal. */
export async function delCutOff(field: Field, slot: Slot, how: How): Promise<void> {
  const { containerID, netns, node, name } = slot;
  release(field.model, slot);
  const env = { ...how.env, CALICO_FAULT: 'request 1 before=down' };
  const call = {
    command: 'DEL',
    containerID,
    netns: netnsPath(netns),
    args: name.args,
    conf: confOf(field, node, how, {}),
    plugin: field.faulty,
  };
  const run = () => callPlugin(hostOf(field, node), { ...call, ...ways({ ...how, env }) });
  const [ending] = await made(field, 'DEL cut off', containerID, run);
  if (ending === 'done') slot.state = 'none';
}

/** CHECK of a running container. */
export async function check(field: Field, slot: Slot, how: How): Promise<void> {
  await callFor(field, 'CHECK', slot, how, { prevResult: slot.result });
}

/** GC of a node on which no other call is running. Whatever is not listed is gone afterwards. */
export async function collect(field: Field, node: number, how: How): Promise<void> {
  const here = field.model.slots.filter((slot) => slot.node === node);
  const valid = here.filter(({ state }) => state === 'up');
  const guests = field.model.vms.flatMap(({ pods }) => pods.filter((pod) => pod.node === node));
  const attachments = [...valid, ...guests].map(({ containerID }) => ({ containerID, ifname: 'eth0' }));
  const given = confOf(field, node, how, { 'cni.dev/valid-attachments': attachments });
  const [ending] = await made(field, 'GC', nameOf(node), () => gc(field, node, given, how));
  if (ending === 'done') for (const slot of here.filter(({ state }) => state === 'unknown')) slot.state = 'none';
}

/** GC of another network, which has nothing on the node, in parallel with any calls there. */
export async function collectOther(field: Field, node: number, how: How): Promise<void> {
  const given = confOf(field, node, how, { name: 'net2', 'cni.dev/valid-attachments': [] });
  await made(field, 'GC', `net2 on ${nameOf(node)}`, () => gc(field, node, given, how));
}

function gc(field: Field, node: number, given: Conf, how: How): Promise<Ran> {
  const env = { ...how.env, CNI_IFNAME: '' };
  return callPlugin(hostOf(field, node), { command: 'GC', conf: given, ...ways({ ...how, env }) });
}

export function hostOf({ nodes }: Field, node: number): Host {
  const host = nodes.hosts[node];
  if (host === undefined) throw new Error(`there is no ${nameOf(node)}`);
  return host;
}

const confOf = ({ nodes }: Field, node: number, how: How, more: Conf): Conf =>
  nodes.conf({ cniVersion: '1.1.0', nodename: nameOf(node), ...how.conf, ...more });
