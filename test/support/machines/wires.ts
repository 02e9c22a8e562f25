import { type Host, startHost } from '../host/host.ts';

/** The subnets that machines are in, and the one of the outside host. */
export type Subnet = 1 | 2 | 'outside';

const NETWORKS: Readonly<Record<Subnet, readonly [ipv4: string, ipv6: string]>> = {
  1: ['172.16.1', 'fd00:172:16:1'],
  2: ['172.16.2', 'fd00:172:16:2'],
  outside: ['203.0.113', '2001:db8:113'],
};
const SUBNETS: readonly Subnet[] = [1, 2, 'outside'];

/** The router's own address: the datastore is there, reached from each subnet. */
export const DATASTORE_ADDRESS = '172.16.0.1';

/** The address with this number in a subnet; the router has 254. */
export const addressIn = (subnet: Subnet, number: number): string => `${NETWORKS[subnet][0]}.${number}`;
export const address6In = (subnet: Subnet, number: number): string => `${NETWORKS[subnet][1]}::${number}`;

/**
 * A router that is also the switch of each of its subnets. It knows no pods. Without a MAC of its own a bridge would take that of
 * a port, and another one when a machine comes or goes.
 */
export function startRouter(): Promise<Host> {
  const bridges = SUBNETS.map(
    (subnet, at) => `
link add ${bridgeOf(subnet)} address 02:00:00:00:01:0${at} type bridge mcast_snooping 0
link set ${bridgeOf(subnet)} up
addr add ${addressIn(subnet, 254)}/24 dev ${bridgeOf(subnet)}
addr add ${address6In(subnet, 254)}/64 dev ${bridgeOf(subnet)} nodad`,
  );
  const script = `
ip -batch - <<END
addr add ${DATASTORE_ADDRESS}/32 dev lo${bridges.join('')}
END
echo 1 > /proc/sys/net/ipv4/ip_forward
echo 1 > /proc/sys/net/ipv6/conf/all/forwarding`;
  return startHost({ whole: false, script });
}

const bridgeOf = (subnet: Subnet): string => `net-${subnet}`;

/** Gives a machine its eth0 in a subnet, and a way to the others. `name` is the switch's port. */
export async function plugIn(router: Host, host: Host, name: string, subnet: Subnet, number: number): Promise<void> {
  // The port of a machine that has ended is removed some time later.
  const script = `
ip link del "$1" 2>/dev/null || true
ip link add "$1" type veth peer name eth0 netns ${host.pid}
ip link set "$1" master ${bridgeOf(subnet)} up`;
  await router.must('sh', ['-ec', script, 'sh', name]);
  const inside = `
ip addr add ${addressIn(subnet, number)}/24 dev eth0
ip addr add ${address6In(subnet, number)}/64 dev eth0 nodad
ip link set eth0 up
ip route add default via ${addressIn(subnet, 254)}
ip -6 route add default via ${address6In(subnet, 254)}`;
  await host.must('sh', ['-ec', inside]);
}

/** Pulls the cable of a machine out of the switch, or plugs it in again. */
export async function setCable(router: Host, name: string, state: 'up' | 'down'): Promise<void> {
  await router.must('ip', ['link', 'set', name, state]);
}
