import { describe, expect } from 'vitest';
import { test } from '../../support/bed/bed.ts';
import { failureOf } from '../../support/calls/call.ts';
import { conf } from '../../support/stored/cluster.ts';

const IN_CONFIGURATION = 'set mtu in the network configuration, or leave it out';
const DUAL_STACK = { type: 'calico-ipam', assign_ipv6: 'true' };

describe('an MTU that cannot be used is refused before anything is changed:', () => {
  test.for([
    [67, {}, 'the kernel takes 68 to 65535'],
    [65_536, {}, 'the kernel takes 68 to 65535'],
    [1279, { ipam: DUAL_STACK }, 'IPv6 needs 1280 at least'],
  ] as const)('%d with %j', async ([mtu, changes, why], { bed }) => {
    const [container, before] = [await bed.container(), await bed.state()];
    const failure = failureOf(await bed.call('ADD', container, { conf: conf({ mtu, ...changes }) }));
    expect(failure).toEqual(expect.objectContaining({ code: 999, details: IN_CONFIGURATION }));
    expect(failure.msg).toBe(`the MTU ${mtu} cannot be used: ${why}`);
    expect(await bed.state()).toEqual(before);
  });

  test('the one of the MTU file', async ({ bed }) => {
    await bed.host.must('sh', ['-c', 'mkdir -p /var/lib/calico; echo 9 > /var/lib/calico/mtu']);
    expect(failureOf(await bed.call('ADD', await bed.container()))).toMatchObject({
      code: 999,
      msg: 'the MTU 9 cannot be used: the kernel takes 68 to 65535',
      details: 'correct or delete /var/lib/calico/mtu, which calico/node or calicoctl node run writes',
    });
  });
});

describe('a file that is none is refused instead of waited for:', () => {
  test.for([
    ['the MTU file', '/var/lib/calico/mtu', {}],
    [
      'the nodename file',
      '/run/calico-test/nodename',
      { nodename: undefined, nodename_file: '/run/calico-test/nodename' },
    ],
  ] as const)('%s', async ([, path, changes], { bed }) => {
    for (const make of ['mkfifo', 'mkdir', 'ln -s /dev/zero']) {
      await bed.host.must('sh', ['-c', `mkdir -p /var/lib/calico; rm -rf ${path}; ${make} ${path}`]);
      const ran = await bed.call('ADD', await bed.container(), { conf: conf(changes) });
      expect(failureOf(ran).msg).toBe(`cannot read ${path}: not a regular file`);
    }
  });
});

test('the smallest and the largest MTU are used', async ({ bed }) => {
  for (const mtu of [68, 65_535])
    expect((await bed.add(await bed.container(), { conf: conf({ mtu }) })).ips).toHaveLength(1);
});

test('an MTU too small for the IPv6 address of another plugin is named, and nothing stays', async ({ bed }) => {
  const [container, before] = [await bed.container(), await bed.state()];
  const ipam = { type: 'host-local', ranges: [[{ subnet: 'fd00:7::/64' }]] };
  const { msg, details } = failureOf(await bed.call('ADD', container, { conf: conf({ mtu: 1000, ipam }) }));
  expect(msg).toMatch(/^error configuring sysctls for interface: cali\w+, error: failed to set net\.ipv6\.conf\./);
  expect(details).toBe(
    'IPv6 needs an MTU of 1280 at least, and this interface has 1000: set mtu in the network configuration',
  );
  expect((await bed.state()).host).toEqual(before.host);
});
