import type { Dump, Etcd } from '../etcd/etcd.ts';
import type { Host } from '../host/host.ts';
import { readJsonList } from '../network/netns.ts';

/** All that a plugin may have left, in the format of the recordings. */
export interface State {
  readonly etcd: Dump;
  readonly host: HostState;
  readonly pods: Readonly<Record<string, PodState>>;
}

export interface HostState {
  readonly links: readonly Line[];
  readonly routes: readonly Line[];
  readonly sysctls: Readonly<Record<string, string>>;
  readonly tc?: Readonly<Record<string, string>>;
}

export interface PodState {
  readonly addrs: readonly Line[];
  readonly routes: readonly Line[];
  readonly ip_forward: string;
}

/** A line of `ip -j`. */
type Line = Readonly<Record<string, unknown>>;

/** Reads the state of a machine and of these namespaces, without those that are gone. */
export async function readState(host: Host, etcd: Etcd, pods: readonly string[]): Promise<State> {
  const [keys, kernel] = await Promise.all([etcd.dump(), readKernel(host, pods)]);
  return { etcd: keys, ...kernel };
}

/** The kernel's part of the state, which can be read with a dead etcd too. */
export async function readKernel(host: Host, pods: readonly string[]): Promise<Omit<State, 'etcd'>> {
  const [hostState, ...podStates] = await Promise.all([
    readHost(host),
    ...pods.map(async (name) => [name, await readPod(host, name)] as const),
  ]);
  const there = podStates.filter((entry): entry is readonly [string, PodState] => entry[1] !== undefined);
  return { host: hostState, pods: Object.fromEntries(there) };
}

const BREAK = '\u001e';

/** One shell for all commands. Each output ends with BREAK; for sysctls and qdiscs, so does each name. */
const ASK_HOST = `
next() { printf '\\036'; }
ip -j -d link show type veth; next
ip -j -4 route show; next
ip -j -6 route show; next
cd /proc/sys/net
for f in ipv4/conf/cali*/route_localnet ipv4/neigh/cali*/proxy_delay ipv4/conf/cali*/proxy_arp ipv4/conf/cali*/forwarding \
  ipv6/conf/cali*/accept_dad ipv6/conf/cali*/disable_ipv6 ipv6/conf/cali*/proxy_ndp ipv6/conf/cali*/forwarding ipv6/conf/cali*/accept_ra; do
  if [ -e "$f" ]; then echo "$f $(cat "$f")"; fi
done; next
for d in ipv4/conf/cali*; do
  if [ -e "$d" ]; then printf '%s ' "\${d##*/}"; tc qdisc show dev "\${d##*/}"; next; fi
done`;

async function readHost(host: Host): Promise<HostState> {
  const said = await host.run('sh', ['-c', ASK_HOST]);
  const [links = '', routes4 = '', routes6 = '', sysctls = '', ...qdiscs] = said.stdout.split(BREAK);
  const lines = readJsonList(links) as readonly Line[];
  const routes = [...readJsonList(routes4), ...readJsonList(routes6)] as readonly Line[];
  const shaping = Object.fromEntries(qdiscs.filter((part) => part !== '').map((part) => firstWord(part.trim())));
  return {
    links: lines.filter((line) => isCali(line['ifname'])).map(pickLink),
    routes: routes.filter((line) => isCali(line['dev']) || line['type'] === 'blackhole'),
    sysctls: Object.fromEntries(sysctls.split('\n').filter(Boolean).map(firstWord)),
    ...(Object.keys(shaping).length === 0 ? {} : { tc: shaping }),
  };
}

async function readPod(host: Host, name: string): Promise<PodState | undefined> {
  const script = `
ip -j addr; printf '\\036'; ip -j -4 route show; printf '\\036'; ip -j -6 route show; printf '\\036'
cat /proc/sys/net/ipv4/ip_forward`;
  const said = await host.run('nsenter', [`--net=/run/netns/${name}`, '--', 'sh', '-c', script]);
  if (said.exit !== 0) return undefined;
  const [addrs = '', routes4 = '', routes6 = '', forward = ''] = said.stdout.split(BREAK);
  const lines = readJsonList(addrs) as readonly Line[];
  return {
    addrs: lines.filter((line) => line['ifname'] !== 'lo').map(pickAddresses),
    routes: [...readJsonList(routes4), ...readJsonList(routes6)] as readonly Line[],
    ip_forward: forward.trim(),
  };
}

const isCali = (name: unknown) => typeof name === 'string' && name.startsWith('cali');
const LINK_KEYS = ['ifname', 'mtu', 'address', 'operstate', 'txqlen', 'num_tx_queues'];

function pickLink(line: Line): Line {
  return Object.fromEntries(LINK_KEYS.filter((key) => line[key] != null).map((key) => [key, line[key]]));
}

function pickAddresses(line: Line): Line {
  const addresses = (line['addr_info'] ?? []) as readonly Line[];
  const addr_info = addresses.map(({ local, prefixlen, scope }) => ({ local, prefixlen, scope }));
  return { ifname: line['ifname'], mtu: line['mtu'], address: line['address'], addr_info };
}

function firstWord(line: string): readonly [string, string] {
  const space = line.indexOf(' ');
  return [line.slice(0, space), line.slice(space + 1)];
}
