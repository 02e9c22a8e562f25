import { type Host, startHost } from '../host/host.ts';
import { startPing } from '../machines/ping.ts';
import { addNetns } from '../network/netns.ts';

/** A pod with addresses of its machine's block. */
async function addPod(host: Host, four: string, six: string): Promise<void> {
  await addNetns(host, 'pod');
  const script = `
ip link add cali1 mtu 1430 type veth peer name eth0 mtu 1430 netns pod
ip link set cali1 up; ip -n pod link set eth0 up
ip -n pod addr add ${four}/32 dev eth0
ip -n pod -6 addr add ${six}/128 dev eth0 nodad
echo 1 > /proc/sys/net/ipv4/conf/cali1/proxy_arp
echo 0 > /proc/sys/net/ipv4/neigh/cali1/proxy_delay
ip -n pod route add 169.254.1.1 dev eth0
ip -n pod route add default via 169.254.1.1
ip -6 addr add fe80::1/64 dev cali1 nodad
ip -n pod -6 route add default via fe80::1 dev eth0
ip route add ${four} dev cali1; ip -6 route add ${six} dev cali1
echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
`;
  await host.must('sh', ['-ec', script]);
}

/** Two machines on one cable, 10.0.0.1 and 10.0.0.2, with a pod each that only its machine has a route to. */
export async function twoMachines(): Promise<readonly [Host, Host]> {
  const [one, two] = [await startHost(), await startHost()];
  // Neighbours are asked from link-local addresses, which would otherwise not be usable for two seconds.
  for (const host of [one, two]) await host.must('sh', ['-c', 'echo 0 | tee /proc/sys/net/ipv6/conf/*/accept_dad']);
  await two.must('ip', ['link', 'del', 'uplink']);
  await one.must('ip', ['link', 'set', 'uplink0', 'netns', String(two.pid), 'name', 'uplink']);
  await two.must('ip', ['addr', 'add', '10.0.0.2/24', 'dev', 'uplink']);
  for (const [host, address] of [
    [one, 'fd00:1::1/64'],
    [two, 'fd00:1::2/64'],
  ] as const) {
    await host.must('ip', ['-6', 'addr', 'add', address, 'dev', 'uplink', 'nodad']);
    await host.must('ip', ['link', 'set', 'uplink', 'up']);
    // Without one the kernel answers no ARP for 169.254.1.1.
    await host.must('ip', ['route', 'replace', 'default', 'via', '10.0.0.254', 'dev', 'uplink']);
  }
  await addPod(one, '10.20.0.2', 'fd00:20::2');
  await addPod(two, '10.20.1.2', 'fd00:20::1:2');
  await Promise.all(['10.0.0.2', 'fd00:1::2'].map((address) => untilAnswered(one, address)));
  await untilAnswered(one, 'fd00:20::2');
  await untilAnswered(two, 'fd00:20::1:2');
  return [one, two];
}

/** A new link may need two seconds until it carries packets. */
async function untilAnswered(host: Host, address: string): Promise<void> {
  const ping = startPing(host.enter(), address);
  await ping.answered;
  await ping.stop();
}
