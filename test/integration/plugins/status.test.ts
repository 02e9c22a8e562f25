import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import { type Bed, type CallChanges, type Container, test } from '../../support/bed/bed.ts';
import { failureOf, silentSuccess } from '../../support/calls/call.ts';
import { CONFINEMENTS, type Confinement, callConfined } from '../../support/calls/confined.ts';
import type { Ran } from '../../support/host/host.ts';
import { netnsPath } from '../../support/network/netns.ts';
import { BASE, type Conf, clusterInformation, conf, POOL4, pool } from '../../support/stored/cluster.ts';
import { nodeKeyOf } from '../../support/stored/ipam-world.ts';

const PLUGINS = ['calico', 'calico-ipam'];
/** Three seconds for the datastore, the rest for a loaded machine. */
const PATIENCE_MS = 4_000;

describe('STATUS (spec §2 STATUS)', () => {
  test.for(PLUGINS)(
    'of %s is silent if an ADD would work, writes nothing, and makes at most two round trips',
    async (plugin, { bed }) => {
      for (const stage of ['an empty node', 'a node with a block']) {
        const [revision, before, state] = [await bed.etcd.revision(), await bed.etcd.calls(), await bed.state()];
        silentSuccess(await ask(bed, { plugin }));
        const after = await bed.etcd.calls();
        expect(await bed.etcd.revision(), stage).toBe(revision);
        expect(sum(after) - sum(before) - OWN_CALLS, stage).toBeLessThanOrEqual(2);
        expect(await bed.state(), stage).toEqual(state);
        await bed.add(await bed.container());
      }
    },
  );

  test.for(PLUGINS)('of %s does not exist before 1.1.0', async (plugin, { bed }) => {
    for (const cniVersion of ['0.4.0', '1.0.0']) {
      const failure = failureOf(await ask(bed, { plugin, conf: conf({ cniVersion }) }));
      expect(failure).toMatchObject({ code: 1, msg: 'config version does not allow STATUS' });
    }
  });
});

/** What prevents a node from serving ADD, and what STATUS reports with code 50. */
interface Obstacle {
  readonly name: string;
  readonly plugins?: readonly string[];
  readonly put?: Record<string, string>;
  readonly del?: readonly string[];
  readonly conf?: Conf;
  readonly says: RegExp;
}

const DISABLED = pool('default-ipv4-ippool', '192.168.0.0/16', { disabled: true });
const OBSTACLES: readonly Obstacle[] = [
  {
    name: 'the datastore is not ready',
    plugins: ['calico'],
    put: clusterInformation({ datastoreReady: false }),
    says: /^Calico is currently not ready to process requests/,
  },
  {
    name: 'there is no ClusterInformation',
    plugins: ['calico'],
    del: Object.keys(clusterInformation()),
    says: /^error getting ClusterInformation: resource does not exist: ClusterInformation\(default\)/,
  },
  { name: 'the node is unknown', del: [nodeKeyOf('node1')], says: /^resource does not exist: Node\(node1\)/ },
  { name: 'there is no pool', del: Object.keys(POOL4), says: /^cannot find a qualified ippool/ },
  { name: 'the pool is disabled', put: DISABLED, says: /^cannot find a qualified ippool/ },
  {
    name: 'the pool does not select the node',
    put: pool('default-ipv4-ippool', '192.168.0.0/16', { nodeSelector: 'rack == "7"' }),
    says: /^no configured Calico pools for node node1/,
  },
  {
    name: 'the pool that the configuration names does not exist',
    conf: { ipam: { type: 'calico-ipam', ipv4_pools: ['10.99.0.0/16'] } },
    says: /^the given pool \(10\.99\.0\.0\/16\) does not exist, or is not enabled/,
  },
  {
    name: 'there is no nodename file',
    plugins: ['calico'],
    conf: { nodename_file_optional: false },
    says: /^stat \/var\/lib\/calico\/nodename: no such file or directory: check that the calico\/node container/,
  },
  {
    name: 'the configuration is invalid',
    plugins: ['calico'],
    conf: { device_type: 'tun' },
    says: /^unknown device_type "tun"/,
  },
  {
    name: 'the MTU file is required and missing',
    plugins: ['calico'],
    conf: { require_mtu_file: true },
    says: /^failed to read MTU file: open \/var\/lib\/calico\/mtu: no such file or directory/,
  },
  {
    name: 'the kernel does not take the MTU',
    plugins: ['calico'],
    conf: { mtu: 9 },
    says: /^the MTU 9 cannot be used/,
  },
  {
    name: 'a TLS file cannot be read',
    conf: { etcd_ca_cert_file: '/nosuch/ca.pem' },
    says: /^could not initialize etcdv3 client: open \/nosuch\/ca\.pem/,
  },
];

describe('STATUS answers 50 (spec §2 STATUS: not available)', () => {
  test.for(OBSTACLES)('when $name, until it is fixed', async (obstacle, { bed }) => {
    await bed.etcd.put(obstacle.put ?? {});
    await bed.etcd.del(...(obstacle.del ?? []));
    const revision = await bed.etcd.revision();
    for (const plugin of obstacle.plugins ?? PLUGINS) {
      const changes = { plugin, conf: statusConf(obstacle.conf) };
      const failure = failureOf(await ask(bed, changes));
      expect(failure.code).toBe(50);
      expect(failure.msg).toMatch(obstacle.says);
    }
    expect(await bed.etcd.revision()).toBe(revision);
    await bed.etcd.put(BASE);
    silentSuccess(await ask(bed));
  });
});

describe('STATUS fails if ADD does (spec §2 STATUS: not available)', () => {
  const UNPRIVILEGED: Confinement = {
    name: 'without the capability that is required to enter a network namespace',
    words: ['/usr/bin/setpriv', '--bounding-set=-sys_admin'],
  };

  test('with the same message: no CAP_SYS_ADMIN', async ({ bed }) => {
    const [status, add] = [
      await confined(bed, UNPRIVILEGED, 'STATUS', NOBODY),
      await confined(bed, UNPRIVILEGED, 'ADD', await bed.container()),
    ];
    expect(failureOf(add)).toMatchObject({ code: 999, msg: expect.stringMatching(/^failed to enter/) });
    const { msg, details } = failureOf(add);
    expect(failureOf(status)).toEqual({ code: 50, msg, ...(details && { details }) });
  });
});

describe('STATUS succeeds, and VERSION, ADD and DEL do (spec §2 STATUS), under', () => {
  test.for(CONFINEMENTS)('$name', async (confinement, { bed }) => {
    for (const plugin of PLUGINS) {
      const container = await bed.container();
      const version = await confined(bed, confinement, 'VERSION', NOBODY, plugin);
      expect(version).toMatchObject({ exit: 0, stderr: '' });
      expect(JSON.parse(version.stdout)).toMatchObject({ supportedVersions: expect.arrayContaining(['1.1.0']) });
      silentSuccess(await confined(bed, confinement, 'STATUS', NOBODY, plugin));
      expect(await confined(bed, confinement, 'ADD', container, plugin)).toMatchObject({ exit: 0 });
      silentSuccess(await confined(bed, confinement, 'DEL', container, plugin));
    }
  });
});

describe('STATUS of an unreachable datastore (spec §2 STATUS: not available)', () => {
  const DEATHS = [
    { name: 'a closed port', kill: (bed: Bed) => bed.etcd.stop() },
    { name: 'an etcd that hangs', kill: async (bed: Bed) => bed.etcd.pause() },
  ];

  test.for(DEATHS)('is 50 within three seconds and names the endpoints: $name', async ({ kill }, { bed }) => {
    await kill(bed);
    const ran: readonly Ran[] = await Promise.all(PLUGINS.map((plugin) => ask(bed, { plugin })));
    for (const { millis } of ran) expect(millis).toBeLessThan(PATIENCE_MS);
    for (const { code, msg, details } of ran.map(failureOf)) {
      expect(code).toBe(50);
      expect(`${msg} ${details}`).toContain('127.0.0.1:2379');
    }
  });

  test('for a second, as when a leader is lost, waits and succeeds', async ({ bed }) => {
    bed.etcd.pause();
    const asking = ask(bed);
    await sleep(1_000);
    bed.etcd.resume();
    silentSuccess(await asking);
  });

  test('at one endpoint of two succeeds', async ({ bed }) => {
    const configuration = statusConf({ etcd_endpoints: 'http://127.0.0.1:1,http://127.0.0.1:2379' });
    silentSuccess(await ask(bed, { conf: configuration }));
  });
});
const NOBODY: Container = { containerID: '', netns: '' };
/** etcd also counts the test's own requests for its revision and its dump. */
const OWN_CALLS = 1;
const sum = (calls: Readonly<Record<string, number>>) => (calls['Range'] ?? 0) + (calls['Txn'] ?? 0);

function statusConf(changes: Conf = {}): Conf {
  return conf({ cniVersion: '1.1.0', ...changes });
}

const ask = (bed: Bed, changes: CallChanges = {}) =>
  bed.call('STATUS', NOBODY, { netns: '', env: { CNI_IFNAME: '' }, conf: statusConf(), ...changes });

/** A call by a runtime that restricts the executable. */
function confined(bed: Bed, confinement: Confinement, command: string, container: Container, plugin = 'calico') {
  const netns = container.netns === '' ? '' : netnsPath(container.netns);
  return callConfined(bed.host, confinement, { command, plugin, ...container, netns, conf: statusConf() });
}
