import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { demonstrateNodes } from './demo-nodes.ts';
import { startEtcd } from './etcd.ts';
import { ROOT } from './places.ts';
import { prepared } from './prepared.ts';
import { say } from './say.ts';
import type { Tools } from './tools.ts';
import { openTranscript, type Transcript } from './transcript.ts';

/**
 * `npm run demo [-- --nodes N]`: two pods get addresses and reach each other, in namespaces of this command; with `--nodes` on
 * different ones of that many machines.
 * Nothing is left in any case: interfaces, mounts and files go with the namespaces, etcd with this process.
 */
const NODE = 'demo-node';
const NODE_ADDRESS = '10.0.0.1/24';
const POOL = '192.168.0.0/16';
/** IDs like those of a container runtime. */
const PODS = [
  { netns: 'pod1', containerID: '1f0e8d7c6b5a49382716' },
  { netns: 'pod2', containerID: '2a1b3c4d5e6f70819203' },
] as const;

type Pod = (typeof PODS)[number];

/** The directory of this demo's files. */
interface Stage {
  readonly shell: Transcript;
  readonly conf: string;
  readonly ping: string;
}

/** A call of the plugin as a runtime makes it: parameters in the environment, configuration on standard input. */
function call(verb: string, { netns, containerID }: Pod, { conf }: Stage): string {
  const env = `CNI_COMMAND=${verb} CNI_CONTAINERID=${containerID} CNI_NETNS=/var/run/netns/${netns} CNI_IFNAME=eth0`;
  return `${env} CNI_PATH=$PWD/dist dist/calico < ${conf}`;
}

async function prepareHost({ shell }: Stage): Promise<void> {
  shell.title('A host with an uplink, forwarding packets, and two pods without a network');
  await shell.run('ip link add uplink type veth peer name switch && ip link set switch up && ip link set uplink up');
  // Without a default route the host would not answer for 169.254.1.1, the pods' next hop.
  await shell.run(`ip addr add ${NODE_ADDRESS} dev uplink && ip route add default via 10.0.0.254`);
  await shell.run('echo 1 > /proc/sys/net/ipv4/ip_forward');
  for (const { netns } of PODS) await shell.run(`ip netns add ${netns} && ip -n ${netns} link set lo up`);
}

async function fillStore({ shell }: Stage): Promise<void> {
  shell.title('What a new etcd needs before the first pod: a ready cluster, an IP pool and this node');
  await shell.run(`dist/calicoctl init --cidr=${POOL} --node=${NODE}`);
  await shell.run('dist/calicoctl get ippools -o wide');
}

/** ADD of each pod. Returns their addresses. */
async function connectPods(stage: Stage): Promise<readonly string[]> {
  const addresses: string[] = [];
  for (const pod of PODS) {
    stage.shell.title(`ADD: ${pod.netns} gets its interface and address`);
    const result = JSON.parse(await stage.shell.run(call('ADD', pod, stage)));
    addresses.push(String(result.ips[0].address).replace(/\/.*/, ''));
  }
  return addresses;
}

async function look({ shell }: Stage): Promise<void> {
  shell.title('What the pods see');
  for (const { netns } of PODS) await shell.run(`ip -n ${netns} -br addr && ip -n ${netns} route`);
  shell.title('What the host sees: an interface and a route for each pod');
  await shell.run('ip -br link && ip route');
  shell.title('What etcd holds: addresses in a block of this node’s, endpoints');
  await shell.run('dist/calicoctl ipam show --show-blocks');
  await shell.run('dist/calicoctl get workloadendpoints');
}

async function reach({ shell, ping }: Stage, addresses: readonly string[]): Promise<void> {
  const [first, second] = addresses;
  shell.title('Pod to pod, both ways, and host to pod');
  await shell.run(`nsenter --net=/var/run/netns/pod1 ${ping} -c 2 -W 2 ${second}`);
  await shell.run(`nsenter --net=/var/run/netns/pod2 ${ping} -c 2 -W 2 ${first}`);
  await shell.run(`${ping} -c 2 -W 2 ${first}`);
}

async function disconnectPods(stage: Stage): Promise<void> {
  const { shell } = stage;
  for (const pod of PODS) {
    shell.title(`DEL: ${pod.netns} releases everything`);
    await shell.run(call('DEL', pod, stage));
  }
  shell.title('Nothing is left: no interface, no route, no endpoint, no handle, and the block is empty');
  const links = await shell.run('ip -br link');
  const routes = await shell.run('ip route');
  const keys = await shell.run('etcdctl get --prefix /calico --keys-only | grep .');
  const block = await shell.run('etcdctl get --prefix /calico/ipam/v2/assignment --print-value-only');
  await shell.run('dist/calicoctl ipam check');
  if (/\bcali/.test(links + routes)) throw new Error('An interface or a route is left on the host');
  if (/workloadendpoints|\/handle\//.test(keys)) throw new Error('An endpoint or a handle is left in etcd');
  if (JSON.parse(block).allocations.some((owner: unknown) => owner !== null))
    throw new Error('An address is left assigned');
}

function writeConf(path: string, endpoint: string): void {
  const conf = {
    cniVersion: '1.0.0',
    name: 'demo',
    type: 'calico',
    etcd_endpoints: endpoint,
    log_level: 'error',
    ipam: { type: 'calico-ipam' },
  };
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(conf, undefined, 2)}\n`);
}

async function demonstrate(tools: Tools, stopped: AbortSignal): Promise<void> {
  process.chdir(ROOT);
  const folder = process.env['TMPDIR'] ?? '';
  say('Starting a private etcd …');
  const etcd = await startEtcd(tools, folder);
  try {
    const path = `${dirname(tools.etcdctl)}:${process.env['PATH']}`;
    const shell = openTranscript(
      { PATH: path, ETCD_ENDPOINTS: etcd.endpoint, ETCDCTL_ENDPOINTS: etcd.endpoint },
      stopped,
    );
    const stage = { shell, conf: join(folder, 'demo.conf'), ping: tools.ping };
    await prepareHost(stage);
    await fillStore(stage);
    shell.title('The network’s configuration');
    writeConf(stage.conf, etcd.endpoint);
    await shell.run(`cat ${stage.conf}`);
    const addresses = await connectPods(stage);
    await look(stage);
    await reach(stage, addresses);
    await disconnectPods(stage);
  } finally {
    await etcd.stop();
  }
}

/** The number after `--nodes`; undefined without. */
function nodesAsked(): number | undefined {
  const { nodes } = parseArgs({ options: { nodes: { type: 'string' } } }).values;
  if (nodes === undefined) return undefined;
  const number = Number(nodes);
  if (!Number.isInteger(number) || number < 2 || number > 20) throw new Error('--nodes must be a number from 2 to 20');
  return number;
}

await prepared(
  async (tools) => {
    const nodes = nodesAsked();
    const stop = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
      process.once(signal, () => stop.abort(new Error(`Stopped by ${signal}`)));
    const started = performance.now();
    if (nodes === undefined) await demonstrate(tools, stop.signal);
    else await demonstrateNodes(nodes, stop.signal);
    say(`\nDone in ${((performance.now() - started) / 1000).toFixed(1)} s; the host is as it was.`);
    return 0;
  },
  process.argv.some((word) => /^--nodes(?:=|$)/.test(word)) ? ['birds'] : [],
);
