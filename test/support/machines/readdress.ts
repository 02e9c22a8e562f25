import type { Machine } from './machine.ts';
import { address6In, addressIn } from './wires.ts';

/** Gives a machine the addresses of another number in its subnet, and its Node too. */
export async function readdress(machine: Machine, number: number): Promise<void> {
  const { subnet } = machine;
  const [four, six] = [addressIn(subnet, number), address6In(subnet, number)];
  const script = [
    `ip addr del ${machine.address}/24 dev eth0`,
    `ip addr add ${four}/24 dev eth0`,
    `ip addr del ${machine.address6}/64 dev eth0`,
    `ip addr add ${six}/64 dev eth0 nodad`,
    `ip route replace default via ${addressIn(subnet, 254)}`,
    `ip -6 route replace default via ${address6In(subnet, 254)}`,
  ].join('; ');
  await machine.host.must('sh', ['-ec', script]);
  const patch = { spec: { bgp: { ipv4Address: `${four}/24`, ipv6Address: `${six}/64` } } };
  await machine.said(`patch node ${machine.name} -p ${JSON.stringify(patch)}`);
}
