import { expect, test } from 'vitest';
import { commandOf } from '../../../plugins/linux/step-command.ts';
import type { Step } from '../../../plugins/linux/veth-plan.ts';

const failure = '';
const route = { family: 4, dst: '10.0.0.5/32' } as const;
const end = { name: 'eth0', mac: '02:00:00:00:00:01', mtu: 0, queues: 1 };
const STEPS: readonly [Step, string][] = [
  [
    { make: 'veth', here: { ...end, name: 'calix' }, there: end, failure },
    'ip link add calix type veth peer name eth0',
  ],
  [
    { make: 'netkit', here: { ...end, name: 'calix' }, there: end, failure },
    'ip link add calix type netkit peer name eth0',
  ],
  [{ make: 'mac', name: 'eth0', mac: end.mac, failure }, 'ip link set dev eth0 address 02:00:00:00:00:01'],
  [{ make: 'ifb', name: 'bwcx', mtu: 1400, failure }, 'ip link add bwcx type ifb'],
  [{ make: 'up', name: 'eth0', mtu: 0, failure }, 'ip link set dev eth0 up'],
  [{ make: 'up', name: 'eth0', mtu: 1400, failure }, 'ip link set dev eth0 up mtu 1400'],
  [
    { make: 'address', on: 'eth0', address: { family: 6, address: 'fd00::5' }, verb: 'add', failure },
    'ip address add fd00::5/128 dev eth0',
  ],
  [{ make: 'route', over: 'calix', route, verb: 'add', failure }, 'ip route add 10.0.0.5/32 dev calix'],
  [
    {
      make: 'route',
      over: 'eth0',
      route: { family: 4, dst: '0.0.0.0/0', via: '169.254.1.1' },
      verb: 'replace',
      failure,
    },
    'ip route replace 0.0.0.0/0 via 169.254.1.1 dev eth0',
  ],
  [
    {
      make: 'unroute',
      route: { family: 4, dst: '10.0.0.5/32', kind: 'blackhole', protocol: 12, metric: 0, over: undefined },
      failure,
    },
    'ip route del blackhole 10.0.0.5/32',
  ],
  [
    {
      make: 'unroute',
      route: { family: 6, dst: '::/0', kind: 'unicast', protocol: 3, metric: 5, over: 'eth0' },
      failure,
    },
    'ip route del ::/0 dev eth0',
  ],
];

test.each(STEPS)('a step that failed is written as the command that does the same by hand: %#', (step, words) => {
  expect(commandOf(step)).toBe(words);
});
