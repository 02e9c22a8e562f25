import { existsSync, readdirSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { type Bed, test } from '../../support/bed/bed.ts';
import { addressesOf, failureOf } from '../../support/calls/call.ts';
import { reaches } from '../../support/network/reach.ts';
import { type Conf, conf } from '../../support/stored/cluster.ts';

const DATA = '/run/calico-test/host-local';
const hostLocal = (fields: Conf) => ({ conf: conf({ ipam: { type: 'host-local', dataDir: DATA, ...fields } }) });
const RANGES = { ranges: [[{ subnet: '10.80.0.0/24', rangeStart: '10.80.0.20' }], [{ subnet: 'fd80:80::/120' }]] };

describe.concurrent('host-local as IPAM', () => {
  test('assigns an address to a pod and releases it', async ({ bed }) => {
    const changes = hostLocal({ subnet: '10.80.0.0/24' });
    const container = await bed.container();
    const before = await bed.state();
    const result = await bed.add(container, changes);
    expect(result.ips).toMatchObject([{ address: '10.80.0.2/32', interface: 1 }]);
    expect(await reaches(bed.host, '10.80.0.2')).toBe(true);
    expect(leases(bed)).toEqual(['10.80.0.2']);
    await bed.del(container, changes);
    expect(leases(bed)).toEqual([]);
    const after = await bed.state();
    expect(after.host).toEqual(before.host);
    expect(after.pods[container.netns]?.addrs).toEqual([]);
    expect(Object.keys(after.etcd).filter((key) => !key.includes('/profiles/'))).toEqual(Object.keys(before.etcd));
  });

  test('assigns both families from ranges', async ({ bed }) => {
    const container = await bed.container();
    const addresses = addressesOf(await bed.add(container, hostLocal(RANGES)));
    expect(addresses).toEqual(['10.80.0.20', 'fd80:80::2']);
    for (const address of addresses) expect(await reaches(bed.host, address), address).toBe(true);
    await bed.del(container, hostLocal(RANGES));
    expect(leases(bed)).toEqual([]);
  });

  test('passes its routes on with their gateway, although the pod has the default route', async ({ bed }) => {
    const changes = hostLocal({ subnet: '10.80.0.0/24', routes: [{ dst: '10.1.0.0/16', gw: '10.80.0.9' }] });
    const result = await bed.add(await bed.container(), changes);
    expect(result.routes).toEqual([{ dst: '10.1.0.0/16', gw: '10.80.0.9' }]);
  });

  test('is not called again when ADD is repeated', async ({ bed }) => {
    const changes = hostLocal({ subnet: '10.80.0.0/24' });
    const container = await bed.container();
    const first = addressesOf(await bed.add(container, changes));
    expect(addressesOf(await bed.add(container, changes))).toEqual(first);
    expect(leases(bed)).toEqual(first);
  });

  test('has its own error passed on when it has no address left', async ({ bed }) => {
    const changes = hostLocal({ subnet: '10.80.0.0/30' });
    await bed.add(await bed.container(), changes);
    const before = await bed.state();
    const failure = failureOf(await bed.call('ADD', await bed.container(), changes));
    expect(failure.msg).toContain('no IP addresses available in range set');
    const after = await bed.state();
    expect(after.etcd).toEqual(before.etcd);
    expect(after.host).toEqual(before.host);
  });

  test('gets its address back when the rest of ADD fails', async ({ bed }) => {
    const changes = hostLocal({ subnet: '10.80.0.0/24' });
    await bed.host.must('ip', ['route', 'add', '10.80.0.2', 'dev', 'uplink']);
    const container = await bed.container();
    const before = await bed.state();
    failureOf(await bed.call('ADD', container, changes));
    expect(leases(bed)).toEqual([]);
    const after = await bed.state();
    expect(after.host).toEqual(before.host);
    expect(after.pods[container.netns]?.addrs).toEqual([]);
    expect(Object.keys(after.etcd).join()).not.toContain(container.containerID);
  });

  test('releases the address on DEL even if the namespace is gone and DEL is repeated', async ({ bed }) => {
    const changes = hostLocal({ subnet: '10.80.0.0/24' });
    const container = await bed.container();
    await bed.add(container, changes);
    await bed.host.must('ip', ['netns', 'del', container.netns]);
    await bed.del(container, changes);
    await bed.del(container, changes);
    expect(leases(bed)).toEqual([]);
  });
});

/** The addresses that host-local has assigned. */
function leases(bed: Bed): readonly string[] {
  const folder = bed.host.file(`${DATA}/net1`);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /^[0-9a-f]+[.:]/.test(name))
    .sort();
}
