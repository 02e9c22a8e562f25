import { describe, expect } from 'vitest';
import { test } from '../../support/bed/bed.ts';
import { addressesOf, silentSuccess } from '../../support/calls/call.ts';
import { caliLinks } from '../../support/network/netns.ts';
import { reaches } from '../../support/network/reach.ts';
import { conf } from '../../support/stored/cluster.ts';

const netkit = (changes: object = {}) =>
  conf({ cniVersion: '1.0.0', device_type: 'netkit', log_level: 'info', mtu: 1400, ...changes });

describe('device_type netkit', () => {
  test('gives a pod that is reachable, repaired and removed like any other', async ({ bed }) => {
    const container = await bed.container();
    const before = await bed.state();
    const result = await bed.add(container, { conf: netkit() });
    expect(await reaches(bed.host, addressesOf(result)[0] ?? '')).toBe(true);
    silentSuccess(await bed.call('CHECK', container, { conf: netkit({ prevResult: result }) }));
    await bed.host.must('ip', ['-n', container.netns, 'link', 'del', 'eth0']);
    expect(addressesOf(await bed.add(container, { conf: netkit() }))).toEqual(addressesOf(result));
    expect(await reaches(bed.host, addressesOf(result)[0] ?? '')).toBe(true);
    await bed.del(container, { conf: netkit() });
    expect((await bed.state()).host).toEqual(before.host);
  });

  test('makes a netkit if the kernel has it, else a veth, and logs which', async ({ bed }) => {
    const container = await bed.container();
    const ran = await bed.call('ADD', container, { conf: netkit() });
    expect(ran.exit).toBe(0);
    const [link = ''] = await caliLinks(bed.host);
    const isVeth = /\bveth\b/.test(await bed.host.must('ip', ['-d', 'link', 'show', 'dev', link]));
    expect(/\[INFO\].*netkit is not supported here, making a veth/.test(ran.stderr)).toBe(isVeth);
  });
});
