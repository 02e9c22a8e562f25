import { describe, expect } from 'vitest';
import { type Bed, type CallChanges, test } from '../../support/bed/bed.ts';
import { failureOf, silentSuccess } from '../../support/calls/call.ts';
import { conf, DUAL, POOL6 } from '../../support/stored/cluster.ts';

const IPAM = { plugin: 'calico-ipam' } as const;
const ipam = (changes: CallChanges = {}): CallChanges => ({ ...IPAM, ...changes });
const V1 = conf({ cniVersion: '1.0.0' });

describe.concurrent('calico-ipam on its own', () => {
  test("assigns an address with its block's prefix length and without an interface, and releases it", async ({
    bed,
  }) => {
    const container = await bed.container();
    const result = await bed.add(container, ipam());
    expect(result.interfaces).toBeUndefined();
    expect(result.ips).toHaveLength(1);
    expect(result.ips[0]).toMatchObject({ version: '4', address: expect.stringMatching(/^192\.168\.\d+\.\d+\/26$/) });
    expect(result.ips[0]?.interface).toBeUndefined();
    expect(await handles(bed)).toEqual([`net1.${container.containerID}`]);
    await bed.del(container, ipam());
    await bed.del(container, ipam());
    expect(await handles(bed)).toEqual([]);
  });

  test('assigns the same address to the same container again', async ({ bed }) => {
    const container = await bed.container();
    const first = await bed.add(container, ipam());
    expect(await bed.add(container, ipam())).toEqual(first);
  });

  test('assigns both families', async ({ bed }) => {
    await bed.etcd.put(POOL6);
    const changes = ipam({ conf: conf({ ipam: DUAL }) });
    const container = await bed.container();
    const result = await bed.add(container, changes);
    expect(result.ips.map((ip) => ip.version)).toEqual(['4', '6']);
    await bed.del(container, changes);
    expect(await handles(bed)).toEqual([]);
  });

  test('needs only placeholders for namespace, interface and path', async ({ bed }) => {
    const container = await bed.container();
    const changes = ipam({ netns: '/nosuch/netns', ifname: 'x', path: '/nosuch' });
    expect((await bed.add(container, changes)).ips).toHaveLength(1);
    await bed.del(container, changes);
  });

  test('rejects an unknown argument without IgnoreUnknown', async ({ bed }) => {
    const container = await bed.container();
    const failure = failureOf(await bed.call('ADD', container, ipam({ args: 'FOO=bar' })));
    expect(failure).toEqual({ code: 999, msg: 'ARGS: unknown args ["FOO=bar"]' });
    expect((await bed.add(container, ipam({ args: 'IgnoreUnknown=1;FOO=bar' }))).ips).toHaveLength(1);
  });
});

describe.concurrent('a fixed address', () => {
  test('is assigned, and to the same container again', async ({ bed }) => {
    const container = await bed.container();
    const changes = ipam({ args: 'IP=192.168.7.9' });
    const result = await bed.add(container, changes);
    expect(result.ips[0]?.address).toBe('192.168.7.9/32');
    expect(await bed.add(container, changes)).toEqual(result);
    await bed.del(container, ipam());
    expect(await handles(bed)).toEqual([]);
  });

  test('is refused to a second container', async ({ bed }) => {
    const changes = ipam({ args: 'IP=192.168.7.9' });
    await bed.add(await bed.container(), changes);
    const failure = failureOf(await bed.call('ADD', await bed.container(), changes));
    expect(failure.msg).toBe('resource already exists: 192.168.7.9 with error: Address already assigned in block');
  });

  test('is rejected outside all pools', async ({ bed }) => {
    const ran = await bed.call('ADD', await bed.container(), ipam({ args: 'IP=10.9.9.9' }));
    expect(failureOf(ran)).toMatchObject({ code: 999, msg: 'The provided IP address is not in a configured pool\n' });
  });
});

describe.concurrent('CHECK', () => {
  test("of calico-ipam succeeds as long as the address is the container's", async ({ bed }) => {
    const container = await bed.container();
    const prevResult = await bed.add(container, ipam({ conf: V1 }));
    const changes = ipam({ conf: { ...V1, prevResult } });
    silentSuccess(await bed.call('CHECK', container, changes));
    await bed.del(container, ipam({ conf: V1 }));
    expect(failureOf(await bed.call('CHECK', container, changes)).msg).toContain(`net1.${container.containerID}`);
  });
});

async function handles(bed: Bed): Promise<readonly string[]> {
  const prefix = '/calico/ipam/v2/handle/';
  return Object.keys(await bed.etcd.dump(prefix)).map((key) => key.slice(prefix.length));
}
