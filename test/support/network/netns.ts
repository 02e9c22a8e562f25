import type { Host } from '../host/host.ts';

/** One line of `ip -j addr`. */
export interface Link {
  readonly ifname: string;
  readonly mtu: number;
  readonly address: string;
  readonly operstate: string;
  readonly addr_info: readonly { readonly local: string; readonly prefixlen: number; readonly scope: string }[];
}

/** One line of `ip -j route`. */
export interface Route {
  readonly dst: string;
  readonly dev?: string;
  readonly gateway?: string;
  readonly scope?: string;
  readonly protocol?: string;
  readonly type?: string;
}

/** The path that a runtime passes for a named namespace. */
export const netnsPath = (name: string) => `/var/run/netns/${name}`;

/** Creates a namespace as a runtime does, with `forwarding` as if inherited (it was on in the recordings). */
export async function addNetns(host: Host, name: string, forwarding: '0' | '1' = '0'): Promise<string> {
  const script = `ip netns add "$1"; ip -n "$1" link set lo up; exec nsenter "--net=/run/netns/$1" sh -c "echo $2 > /proc/sys/net/ipv4/ip_forward"`;
  await host.must('sh', ['-ec', script, 'sh', name, forwarding]);
  return netnsPath(name);
}

export async function deleteNetns(host: Host, name: string): Promise<void> {
  await host.must('ip', ['netns', 'del', name]);
}

/** The output of `ip -j`, on the host or (with a name) in a namespace. */
async function ip<T>(host: Host, netns: string | undefined, ...words: readonly string[]): Promise<readonly T[]> {
  const where = netns === undefined ? [] : ['-n', netns];
  return readJsonList(await host.must('ip', [...where, '-j', ...words])) as readonly T[];
}

/** `ip -j` prints nothing, not an empty list, when it finds nothing. */
export function readJsonList(printed: string): readonly unknown[] {
  return printed.trim() === '' ? [] : JSON.parse(printed);
}

export const links = (host: Host, netns?: string) => ip<Link>(host, netns, 'addr', 'show');

export async function routes(host: Host, netns?: string): Promise<readonly Route[]> {
  const [v4, v6] = await Promise.all([
    ip<Route>(host, netns, '-4', 'route', 'show'),
    ip<Route>(host, netns, '-6', 'route', 'show'),
  ]);
  return [...v4, ...v6];
}

/** The host ends of pods. */
export async function caliLinks(host: Host): Promise<readonly string[]> {
  return (await links(host)).map((link) => link.ifname).filter((name) => name.startsWith('cali'));
}
