import { describe, expect } from 'vitest';
import { type Bed, type CallChanges, type Container, test } from '../support/bed.ts';
import { type Conf, conf } from '../support/cluster.ts';
import { addressesOf, type CniResult, failureOf, resultOf, silentSuccess } from '../support/cni.ts';
import { caliLinks } from '../support/netns.ts';

const LIMITS = { ingressRate: 10_000_000, ingressBurst: 80_000, egressRate: 10_000_000, egressBurst: 80_000 };
const LIMITED: Conf = { runtimeConfig: { bandwidth: LIMITS } };
const HOST = 'cali[0-9a-z]{11}';
const ADDRESS = '192\\.168\\.\\d+\\.\\d+';

/** A container that is up, and what its ADD said. */
interface Up {
  readonly bed: Bed;
  readonly container: Container;
  readonly result: CniResult;
  readonly address: string;
  readonly hostLink: string;
}

/** What is done to a container's network, and what CHECK has to say of it. */
interface Damage {
  readonly name: string;
  readonly conf?: Conf;
  readonly harm: (up: Up) => Promise<unknown>;
  readonly says: RegExp;
  /** What ADD says instead of mending it. */
  readonly refused?: string;
}

const inside = ({ bed, container }: Up, ...words: readonly string[]) =>
  bed.host.must('ip', ['-n', container.netns, ...words]);
const outside = ({ bed }: Up, ...words: readonly string[]) => bed.host.must('ip', words);
const tc = ({ bed }: Up, ...words: readonly string[]) => bed.host.must('tc', words);

const IN_KERNEL: readonly Damage[] = [
  {
    name: 'the interface is gone',
    harm: (up) => inside(up, 'link', 'del', 'eth0'),
    says: new RegExp(`^host interface ${HOST} does not exist$`),
  },
  {
    name: 'the interface goes by another name',
    harm: async (up) => {
      await inside(up, 'link', 'set', 'eth0', 'down');
      await inside(up, 'link', 'set', 'eth0', 'name', 'eth7');
    },
    says: /^interface eth0 does not exist in the container$/,
  },
  {
    name: 'the interface is another one of the same name',
    harm: async (up) => {
      await inside(up, 'link', 'set', 'eth0', 'down');
      await inside(up, 'link', 'set', 'eth0', 'name', 'eth7');
      await inside(up, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth8');
    },
    says: new RegExp(`^eth0 in the container is not the other end of ${HOST}$`),
    refused: 'file exists',
  },
  {
    name: 'the host veth is down',
    harm: (up) => outside(up, 'link', 'set', up.hostLink, 'down'),
    says: new RegExp(`^host interface ${HOST} is down$`),
  },
  {
    name: 'the interface is down',
    harm: (up) => inside(up, 'link', 'set', 'eth0', 'down'),
    says: /^interface eth0 in the container is down$/,
  },
  {
    name: 'the MAC is another',
    harm: (up) => inside(up, 'link', 'set', 'eth0', 'address', '02:00:00:00:00:99'),
    says: /^interface eth0 has MAC 02:00:00:00:00:99, not [0-9a-f:]{17}$/,
  },
  {
    name: 'the MTU is another',
    conf: { mtu: 1400 },
    harm: (up) => inside(up, 'link', 'set', 'eth0', 'mtu', '1300'),
    says: /^interface eth0 has MTU 1300, not 1400$/,
  },
  {
    name: 'the address is gone',
    harm: (up) => inside(up, 'addr', 'del', `${up.address}/32`, 'dev', 'eth0'),
    says: new RegExp(`^interface eth0 lacks address ${ADDRESS}/32$`),
  },
  {
    name: 'the default route in the container is gone',
    harm: (up) => inside(up, 'route', 'del', 'default'),
    says: /^the container has no route to 0\.0\.0\.0\/0 over eth0$/,
  },
  {
    name: 'the host route is gone',
    harm: (up) => outside(up, 'route', 'del', up.address),
    says: new RegExp(`^host has no route to ${ADDRESS}/32 over ${HOST}$`),
  },
  {
    name: 'the limit on what the pod receives is gone',
    conf: LIMITED,
    harm: (up) => tc(up, 'qdisc', 'del', 'dev', up.hostLink, 'root'),
    says: new RegExp(`^${HOST} does not limit its traffic to 10000000 bits a second$`),
  },
  {
    name: 'the device that limits what the pod sends is gone',
    conf: LIMITED,
    harm: (up) => outside(up, 'link', 'del', up.hostLink.replace('cali', 'bwc')),
    says: /^bwc[0-9a-z]{11} does not limit its traffic to 10000000 bits a second$/,
  },
  {
    name: 'what the pod sends no longer goes through its limit',
    conf: LIMITED,
    harm: (up) => tc(up, 'qdisc', 'del', 'dev', up.hostLink, 'ingress'),
    says: new RegExp(`^${HOST} does not lead what the pod sends through bwc[0-9a-z]{11}$`),
  },
];

const IN_ETCD: readonly Damage[] = [
  {
    name: 'the endpoint is deleted',
    harm: (up) => deleteKeys(up, '/workloadendpoints/'),
    says: /^endpoint node1-cni-c\w+-eth0 does not exist$/,
  },
  {
    name: 'the endpoint lists another address',
    harm: (up) => edit(up, '/workloadendpoints/', (text) => text.replace(up.address, '192.168.250.250')),
    says: new RegExp(`^endpoint node1-cni-c\\w+-eth0 lacks address ${ADDRESS}$`),
  },
  {
    name: "the block gives the address to another container's handle",
    harm: (up) => edit(up, '/assignment/', (text) => text.replaceAll(`net1.${up.container.containerID}`, 'net1.other')),
    says: new RegExp(`^${ADDRESS} is not assigned to net1\\.c\\w+ in IPAM block ${ADDRESS}/26 but to net1\\.other$`),
  },
  {
    name: 'the block is gone',
    harm: (up) => deleteKeys(up, '/assignment/'),
    says: new RegExp(`^IPAM block ${ADDRESS}/26, which should hold ${ADDRESS}, does not exist$`),
  },
  {
    name: 'the handle is gone',
    harm: (up) => deleteKeys(up, '/handle/'),
    says: /^IPAM handle net1\.c\w+ does not exist$/,
  },
];

describe.for(['0.4.0', '1.0.0', '1.1.0'])('CHECK with a configuration of version %s (spec §2 CHECK)', (cniVersion) => {
  test('is silent about a container as ADD left it, and changes nothing', async ({ bed }) => {
    for (const more of [{}, LIMITED, { mtu: 1400 }]) {
      const up = await bringUp(bed, { cniVersion, ...more });
      const before = [await bed.state(), await bed.etcd.revision()];
      silentSuccess(await check(up, { cniVersion, ...more }));
      expect([await bed.state(), await bed.etcd.revision()]).toEqual(before);
    }
  });

  test('needs prevResult', async ({ bed }) => {
    const { container } = await bringUp(bed, { cniVersion });
    for (const prevResult of [undefined, null]) {
      const failure = failureOf(await bed.call('CHECK', container, { conf: conf({ cniVersion, prevResult }) }));
      expect(failure).toEqual({ code: 7, msg: 'CHECK needs prevResult in the network configuration' });
    }
  });
});

describe('CHECK tells what a resource of the result is missing (spec §2 CHECK)', () => {
  test.for(IN_KERNEL)('when $name, and a repeated ADD mends what is ours', async (damage, { bed }) => {
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
  test('tells of everything at once, the first in msg and the others in details', async ({ bed }) => {
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

  test('of a container whose namespace is gone says so', async ({ bed }) => {
    const up = await bringUp(bed, { cniVersion: '1.0.0' });
    await bed.host.must('ip', ['netns', 'del', up.container.netns]);
    const failure = failureOf(await check(up, { cniVersion: '1.0.0' }));
    expect(failure.msg).toContain(`/var/run/netns/${up.container.netns}`);
  });

  test('of a container after its DEL fails', async ({ bed }) => {
    const up = await bringUp(bed, { cniVersion: '1.0.0' });
    await bed.del(up.container, { conf: conf({ cniVersion: '1.0.0' }) });
    expect(failureOf(await check(up, { cniVersion: '1.0.0' })).msg).toMatch(/does not exist/);
  });

  test('believes a later plugin of the list that has changed the MAC (spec §2 CHECK)', async ({ bed }) => {
    const up = await bringUp(bed, { cniVersion: '1.0.0' });
    const mac = '02:00:00:00:00:42';
    await inside(up, 'link', 'set', 'eth0', 'address', mac);
    const interfaces = up.result.interfaces?.map((one) => (one.name === 'eth0' ? { ...one, mac } : one)) ?? [];
    silentSuccess(await check({ ...up, result: { ...up.result, interfaces } }, { cniVersion: '1.0.0' }));
  });

  test('of a later plugin that has moved the routes to a table of their own is silent (spec §2 CHECK)', async ({
    bed,
  }) => {
    const up = await bringUp(bed, { cniVersion: '1.0.0' });
    await inside(up, 'route', 'del', 'default');
    await inside(up, 'route', 'add', 'default', 'via', '169.254.1.1', 'dev', 'eth0', 'table', '100');
    silentSuccess(await check(up, { cniVersion: '1.0.0' }));
  });

  test('hands on to the IPAM plugin, whose error it passes on beside its own (spec §2 CHECK)', async ({ bed }) => {
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

async function bringUp(bed: Bed, changes: Conf): Promise<Up> {
  const container = await bed.container();
  const result = await bed.add(container, { conf: conf(changes) });
  const hostLink = (await caliLinks(bed.host)).find((name) => name.endsWith(container.containerID.slice(0, 11))) ?? '';
  return { bed, container, result, address: addressesOf(result)[0] ?? '', hostLink };
}

function check({ bed, container, result: prevResult }: Up, changes: Conf, more: CallChanges = {}) {
  return bed.call('CHECK', container, { conf: conf({ ...changes, prevResult }), ...more });
}

async function deleteKeys({ bed }: Up, part: string): Promise<void> {
  const keys = Object.keys(await bed.etcd.dump()).filter((key) => key.includes(part));
  await bed.etcd.del(...keys);
}

async function edit({ bed }: Up, part: string, change: (text: string) => string): Promise<void> {
  const entries = Object.entries(await bed.etcd.dump()).filter(([key]) => key.includes(part));
  await bed.etcd.put(Object.fromEntries(entries.map(([key, text]) => [key, change(text)])));
}
