import { mkdirSync, writeFileSync } from 'node:fs';
import type { Machine } from '../test/support/machines/machine.ts';
import { openMachines } from '../test/support/machines/machines.ts';
import { type NodeRun, startNode } from '../test/support/machines/node-run.ts';
import { say } from './say.ts';
import { tools } from './tools.ts';
import { openTranscript, type Transcript } from './transcript.ts';

const POOL = '192.168.0.0/16';
const CONF = '/etc/cni/net.d/10-demo.conf';

/** A machine, and a session on it. */
interface Seat {
  readonly machine: Machine;
  readonly shell: Transcript;
}

interface Pod extends Seat {
  readonly netns: string;
  readonly containerID: string;
}

/** Two pods on different machines reach each other, by routes of BIRD: first with everything running, then without our processes. */
export async function demonstrateNodes(count: number, stopped: AbortSignal): Promise<void> {
  say(`Starting ${count} machines on a network with a router, and an etcd that all reach …`);
  const names = [...Array(count).keys()].map((at) => `node${at + 1}`);
  const machines = await openMachines({
    in: Object.fromEntries(names.map((name) => [name, 1])),
    init: `--cidr=${POOL}`,
  });
  try {
    const seats = machines.all.map((machine) => ({ machine, shell: sessionOn(machine, stopped) }));
    const [first, last] = [seats.at(0), seats.at(-1)];
    if (first === undefined || last === undefined) throw new Error('there are no machines');
    await showCluster(first);
    const runs = await startAll(first, seats);
    const [from, to] = [podOn(first, 1), podOn(last, 2)];
    await add(from);
    const address = await add(to);
    await look(first, seats);
    await reach(from, address, machines.outside.address);
    await withoutUs(from, address, runs);
    await cleanUp([from, to], first, seats);
  } finally {
    await machines.close();
  }
}

function sessionOn(machine: Machine, stopped: AbortSignal): Transcript {
  const { bin, ping, birds } = tools();
  const folder = ping.slice(0, ping.lastIndexOf('/'));
  const env = { ...machine.env, PATH: `${bin}:${birds?.[2]}:${folder}:${machine.env['PATH']}` };
  return openTranscript(env, stopped, machine.enter(), `${machine.name}#`);
}

const podOn = (seat: Seat, number: number): Pod => ({
  ...seat,
  netns: `pod${number}`,
  containerID: `${number}f0e8d7c6b5a49382716`,
});

async function showCluster({ shell }: Seat): Promise<void> {
  shell.title('Machines with a Node each, and a pool of addresses for pods: calicoctl init has made them');
  await shell.run('calicoctl get nodes -o wide');
  await shell.run('calicoctl get ippools -o wide');
}

async function startAll(first: Seat, seats: readonly Seat[]): Promise<readonly NodeRun[]> {
  first.shell.title('calicoctl node run on every machine, with Debian’s BIRD 2');
  for (const { machine } of seats) console.log(`${machine.name}# calicoctl node run &`);
  const runs = await Promise.all(seats.map(({ machine }) => startNode(machine, { bird: 2 })));
  await Promise.all(runs.map((run) => run.ready()));
  console.log(runs[0]?.output().trim());
  return runs;
}

/** ADD of a pod. Returns its address. */
async function add(pod: Pod): Promise<string> {
  pod.shell.title(`A pod on ${pod.machine.name}, connected by the plugin`);
  writeConf(pod.machine);
  await pod.shell.run(`ip netns add ${pod.netns} && ip -n ${pod.netns} link set lo up`);
  const result = JSON.parse(await pod.shell.run(call('ADD', pod)));
  return String(result.ips[0].address).replace(/\/.*/, '');
}

function writeConf({ host, name, env }: Machine): void {
  const conf = {
    cniVersion: '1.0.0',
    name: 'demo',
    type: 'calico',
    nodename: name,
    etcd_endpoints: env['ETCD_ENDPOINTS'],
    log_level: 'error',
    ipam: { type: 'calico-ipam' },
  };
  mkdirSync(host.file('/etc/cni/net.d'), { recursive: true });
  writeFileSync(host.file(CONF), `${JSON.stringify(conf, undefined, 2)}\n`);
}

const call = (verb: string, { netns, containerID }: Pod): string =>
  `CNI_COMMAND=${verb} CNI_CONTAINERID=${containerID} CNI_NETNS=/var/run/netns/${netns} CNI_IFNAME=eth0 CNI_PATH=${tools().bin} calico < ${CONF}`;

async function look(first: Seat, seats: readonly Seat[]): Promise<void> {
  first.shell.title('Every machine routes the others’ blocks to them, and drops what is in its own and is no pod');
  for (const { machine, shell } of seats) {
    await machine.host.must('sh', [
      '-c',
      'for t in $(seq 100); do ip route | grep -q "via .* proto bird" && break; sleep 0.1; done',
    ]);
    await shell.run('ip route');
  }
  first.shell.title('The sessions of the first machine, as with the original');
  await first.shell.run('calicoctl node status');
}

const ping = ({ shell, netns }: Pod, words: string): Promise<string> =>
  shell.run(`nsenter --net=/var/run/netns/${netns} ping -c 2 ${words}`);

async function reach(from: Pod, address: string, outside: string): Promise<void> {
  from.shell.title('From pod to pod with packets of 1500 bytes, and to a host outside, which knows no pods');
  await ping(from, `-s 1472 ${address}`);
  await ping(from, outside);
}

async function withoutUs(from: Pod, address: string, runs: readonly NodeRun[]): Promise<void> {
  from.shell.title('Every calicoctl node run is killed: traffic goes on');
  for (const run of runs) await run.kill();
  await ping(from, address);
}

async function cleanUp(pods: readonly Pod[], first: Seat, seats: readonly Seat[]): Promise<void> {
  first.shell.title('DEL of both pods, and nothing is left on the machines');
  for (const pod of pods) await pod.shell.run(call('DEL', pod));
  for (const { shell } of seats) {
    await shell.run('calicoctl node stop --clean');
    const routes = await shell.run('ip route');
    if (/bird|blackhole|cali/.test(routes)) throw new Error('A route is left');
  }
}
