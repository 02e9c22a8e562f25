import { describe, expect } from 'vitest';
import { test } from '../../support/bed/bed.ts';
import {
  bringUp,
  check,
  deleteKeys,
  IN_ETCD,
  IN_KERNEL,
  inside,
  LIMITED,
  outside,
} from '../../support/bed/pair-damage.ts';
import { failureOf, resultOf, silentSuccess } from '../../support/calls/call.ts';
import { conf, DUAL } from '../../support/stored/cluster.ts';

describe.for(['0.4.0', '1.0.0', '1.1.0'])('CHECK with a configuration of version %s (spec §2 CHECK)', (cniVersion) => {
  test('succeeds silently after ADD, and changes nothing', async ({ bed }) => {
    for (const more of [{}, LIMITED, { mtu: 1400 }]) {
      const up = await bringUp(bed, { cniVersion, ...more });
      const before = [await bed.state(), await bed.etcd.revision()];
      silentSuccess(await check(up, { cniVersion, ...more }));
      expect([await bed.state(), await bed.etcd.revision()]).toEqual(before);
    }
  });

  test('requires prevResult', async ({ bed }) => {
    const { container } = await bringUp(bed, { cniVersion });
    for (const prevResult of [undefined, null]) {
      const failure = failureOf(await bed.call('CHECK', container, { conf: conf({ cniVersion, prevResult }) }));
      expect(failure).toEqual({ code: 7, msg: 'CHECK needs prevResult in the network configuration' });
    }
  });
});

describe('CHECK reports what is missing of the result (spec §2 CHECK)', () => {
  test.for(IN_KERNEL)('when $name, and a repeated ADD repairs what belongs to us', async (damage, { bed }) => {
    const configuration = { cniVersion: '1.1.0', ...damage.conf };
    const up = await bringUp(bed, configuration);
    await damage.harm(up);
    const failure = failureOf(await check(up, configuration));
    expect(failure).toMatchObject({ code: 999, msg: expect.stringMatching(damage.says) });
    expect(failure.details).toContain('repeat the ADD');
    const before = await bed.state();
    const added = await bed.call('ADD', up.container, { conf: conf(configuration) });
    if (damage.refused !== undefined) {
      expect(failureOf(added).msg).toBe(damage.refused);
      expect(await bed.state()).toEqual(before);
      return;
    }
    const result = resultOf(added);
    silentSuccess(await check({ ...up, result }, configuration));
  });

  test.for(IN_ETCD)('when $name', async (damage, { bed }) => {
    const configuration = { cniVersion: '1.0.0', ...damage.conf };
    const up = await bringUp(bed, configuration);
    const healthy = await bed.etcd.dump();
    await damage.harm(up);
    const failure = failureOf(await check(up, configuration));
    expect(failure).toMatchObject({ code: 999, msg: expect.stringMatching(damage.says) });
    await bed.etcd.put(healthy);
    silentSuccess(await check(up, configuration));
  });
});

describe('CHECK', () => {
  test('reports all problems at once, the first in msg and the others in details (spec §2 CHECK)', async ({ bed }) => {
    const up = await bringUp(bed, { cniVersion: '1.0.0' });
    const healthy = await bed.etcd.dump();
    await inside(up, 'route', 'del', 'default');
    await outside(up, 'route', 'del', up.address);
    await deleteKeys(up, '/workloadendpoints/');
    await deleteKeys(up, '/handle/');
    const { msg, details = '' } = failureOf(await check(up, { cniVersion: '1.0.0' }));
    expect(msg).toContain('no route to 0.0.0.0/0');
    for (const part of ['host has no route to', 'endpoint', 'IPAM handle']) expect(details).toContain(part);
    await bed.etcd.put(healthy);
  });

  test('of a container whose namespace is gone reports it (spec §2 CHECK)', async ({ bed }) => {
    const up = await bringUp(bed, { cniVersion: '1.0.0' });
    await bed.host.must('ip', ['netns', 'del', up.container.netns]);
    const failure = failureOf(await check(up, { cniVersion: '1.0.0' }));
    expect(failure.msg).toContain(`/var/run/netns/${up.container.netns}`);
  });

  test('of a container after its DEL fails (spec §2 CHECK)', async ({ bed }) => {
    const up = await bringUp(bed, { cniVersion: '1.0.0' });
    await bed.del(up.container, { conf: conf({ cniVersion: '1.0.0' }) });
    expect(failureOf(await check(up, { cniVersion: '1.0.0' })).msg).toMatch(/does not exist/);
  });

  test('accepts that a later plugin of the list has changed the MAC (spec §2 CHECK)', async ({ bed }) => {
    const up = await bringUp(bed, { cniVersion: '1.0.0' });
    const mac = '02:00:00:00:00:42';
    await inside(up, 'link', 'set', 'eth0', 'address', mac);
    const interfaces = up.result.interfaces?.map((one) => (one.name === 'eth0' ? { ...one, mac } : one)) ?? [];
    silentSuccess(await check({ ...up, result: { ...up.result, interfaces } }, { cniVersion: '1.0.0' }));
  });

  test('accepts that a later plugin has moved the routes to its own table (spec §2 CHECK)', async ({ bed }) => {
    const up = await bringUp(bed, { cniVersion: '1.0.0' });
    await inside(up, 'route', 'del', 'default');
    await inside(up, 'route', 'add', 'default', 'via', '169.254.1.1', 'dev', 'eth0', 'table', '100');
    silentSuccess(await check(up, { cniVersion: '1.0.0' }));
  });

  test.for(['4', '6'])(
    "accepts that another network holds the pod's IPv%s default route, and ADD leaves it there (spec §2 CHECK)",
    async (family, { bed }) => {
      const configuration = { cniVersion: '1.0.0', ipam: DUAL };
      const up = await bringUp(bed, configuration);
      const [net, via] = family === '4' ? ['10.50.0.2/24', '10.50.0.1'] : ['fd50::2/64', 'fd50::1'];
      await inside(up, 'link', 'add', 'net1', 'up', 'type', 'veth', 'peer', 'name', 'net1peer');
      await inside(up, 'link', 'set', 'net1peer', 'up');
      await inside(up, 'address', 'add', net, 'dev', 'net1', 'nodad');
      await inside(up, `-${family}`, 'route', 'del', 'default');
      await inside(up, `-${family}`, 'route', 'add', 'default', 'via', via, 'dev', 'net1');
      silentSuccess(await check(up, configuration));
      await outside(up, 'route', 'del', up.address);
      await bed.add(up.container, { conf: conf(configuration) });
      const onlyTheirs = async () => {
        const routes = await inside(up, `-${family}`, 'route', 'show', 'default');
        expect(routes).toMatch(/^default via \S+ dev net1\b.*\n$/);
        silentSuccess(await check(up, configuration));
      };
      await onlyTheirs();
      await outside(up, 'link', 'del', up.hostLink);
      await bed.add(up.container, { conf: conf(configuration) });
      await onlyTheirs();
    },
  );

  test('calls the IPAM plugin and reports its error beside its own (spec §2 CHECK)', async ({ bed }) => {
    const ipam = { type: 'host-local', subnet: '10.80.0.0/24', dataDir: '/run/calico-test/host-local' };
    const configuration = { cniVersion: '1.0.0', ipam };
    const up = await bringUp(bed, configuration);
    silentSuccess(await check(up, configuration));
    await bed.host.must('rm', ['-r', '/run/calico-test/host-local/net1']);
    expect(failureOf(await check(up, configuration)).msg).toMatch(
      /^host-local: Failed to find address added by container/,
    );
    await deleteKeys(up, '/workloadendpoints/');
    const { msg, details } = failureOf(await check(up, configuration));
    expect(`${msg} ${details}`).toContain('host-local: Failed to find address added by container');
    expect(`${msg} ${details}`).toMatch(/endpoint \S+ does not exist/);
  });
});
