import type { DatastoreName } from '../faults/clusters/cluster.ts';
import { inDatastore } from '../faults/remains.ts';
import { addressesOf, type CniResult, callPlugin } from '../support/calls/call.ts';
import type { Ran } from '../support/host/host.ts';
import { addNetns, netnsPath } from '../support/network/netns.ts';
import { type Name, type Nodes, nameOf } from './nodes.ts';
import { openNodes } from './run.ts';

/** 40 addresses in four blocks, and more pods than that, on three nodes. */
const GROUP = ['192.168.0.20-192.168.0.51', '192.168.0.129-192.168.0.135', '192.168.0.7'];
const MEMBERS = 40;
const PODS = 50;
const NODES = 3;

export interface GroupRace {
  readonly datastore: DatastoreName;
  readonly rounds: number;
  readonly say: (line: string) => void;
}

interface Racer extends Name {
  readonly node: number;
  readonly containerID: string;
  readonly netns: string;
}

/**
 * 50 pods start at once on three nodes that share a group of 40: 40 get one member each, and 10 an error that says who has them. Then ten
 * are deleted, and the ten that failed start. Resolves to what was wrong.
 */
export async function raceForMembers({ datastore, rounds, say }: GroupRace): Promise<readonly string[]> {
  const nodes = await openNodes(datastore, NODES);
  try {
    const racers = await racersOn(nodes);
    const keys = new Set(Object.keys(await nodes.dump()));
    const problems: string[] = [];
    for (let round = 1; round <= rounds && problems.length === 0; round++) {
      problems.push(...(await race(nodes, racers)));
      problems.push(...inDatastore(nodes, await nodes.dump(), { keys }));
      say(`race ${round}: ${problems.length} problems`);
    }
    return problems;
  } finally {
    await nodes.close();
  }
}

async function racersOn(nodes: Nodes): Promise<readonly Racer[]> {
  const racers: Racer[] = [];
  for (let number = 0; number < PODS; number++) {
    const node = number % NODES;
    const netns = `racer${number}`;
    const containerID = `e${String(number).padStart(6, '0')}${'0123456789abcdef'.repeat(2)}`;
    await addNetns(hostOf(nodes, node), netns);
    racers.push({ node, netns, containerID, ...(await nodes.name(node, containerID)) });
  }
  return racers;
}

function hostOf({ hosts }: Nodes, node: number) {
  const host = hosts[node];
  if (host === undefined) throw new Error(`there is no ${nameOf(node)}`);
  return host;
}

function call(nodes: Nodes, command: string, { node, containerID, netns, args }: Racer): Promise<Ran> {
  const [way] = nodes.ways;
  const conf = nodes.conf({
    cniVersion: '1.1.0',
    nodename: nameOf(node),
    args: { cni: { ipGroup: GROUP } },
    ...way.conf,
  });
  return callPlugin(hostOf(nodes, node), { command, containerID, netns: netnsPath(netns), args, conf, env: way.env });
}

const starting = (nodes: Nodes, racers: readonly Racer[]): Promise<readonly Ran[]> =>
  Promise.all(racers.map((racer) => call(nodes, 'ADD', racer)));

/** A few at a time: on a busy machine a DEL that waits for ten seconds leaves its release to the journal. */
async function stopping(nodes: Nodes, racers: readonly Racer[]): Promise<readonly Ran[]> {
  const ran: Ran[] = [];
  for (let at = 0; at < racers.length; at += NODES) {
    ran.push(...(await Promise.all(racers.slice(at, at + NODES).map((racer) => call(nodes, 'DEL', racer)))));
  }
  return ran;
}

async function race(nodes: Nodes, racers: readonly Racer[]): Promise<readonly string[]> {
  const first = await starting(nodes, racers);
  const up = racers.filter((_, at) => first[at]?.exit === 0);
  const down = racers.filter((racer) => !up.includes(racer));
  const problems = [...duplicates(first), ...strangeRefusals(first.filter(({ exit }) => exit !== 0))];
  if (up.length !== MEMBERS) problems.push(`${up.length} of ${MEMBERS} members were taken`);
  const leaving = up.slice(0, down.length);
  problems.push(...failures('DEL', await stopping(nodes, leaving)));
  const second = await starting(nodes, down);
  problems.push(...failures('ADD of a freed member', second));
  problems.push(...duplicates([...first.filter((_, at) => !leaving.includes(racers[at] as Racer)), ...second]));
  problems.push(...failures('DEL', await stopping(nodes, racers)));
  return problems;
}

const failures = (what: string, ran: readonly Ran[]): readonly string[] =>
  ran.filter(({ exit }) => exit !== 0).map(({ stdout }) => `${what} failed: ${stdout}`);

function duplicates(ran: readonly Ran[]): readonly string[] {
  const given = ran.flatMap(({ exit, stdout }) => (exit === 0 ? addressesOf(JSON.parse(stdout) as CniResult) : []));
  return given.filter((address, at) => given.indexOf(address) !== at).map((address) => `DUPLICATE ${address}`);
}

/** An ADD may only be refused because all members are taken, and says by whom. */
const strangeRefusals = (ran: readonly Ran[]): readonly string[] =>
  ran
    .map(({ stdout }) => stdout)
    .filter(
      (text) =>
        !text.includes(
          `no IPv4 address of the fixed address group is free: it has ${MEMBERS}, ${MEMBERS} are assigned`,
        ) || !/192\.168\.0\.20: \S.* on node node[123]; .* and 32 more; delete a pod/.test(text),
    )
    .map((text) => `refused otherwise: ${text}`);
