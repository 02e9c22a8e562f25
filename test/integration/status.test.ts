import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import { tools } from '../../build/tools.ts';
import { type Bed, type CallChanges, type Container, test } from '../support/bed.ts';
import { BASE, type Conf, clusterInformation, conf, POOL4, pool } from '../support/cluster.ts';
import { environment, failureOf, silentSuccess } from '../support/cni.ts';
import { CONFINEMENTS } from '../support/confined.ts';
import type { Ran } from '../support/host.ts';
import { CONFIG, nodeKeyOf } from '../support/ipam-world.ts';
import { netnsPath } from '../support/netns.ts';
import { witness, witnessed } from '../support/witness.ts';

const PLUGINS = ['calico', 'calico-ipam'];
/** Three seconds for the datastore, the rest for a loaded machine. */
const PATIENCE_MS = 4_000;

describe('STATUS (spec §2 STATUS)', () => {
  test.for(PLUGINS)(
    'of %s is silent when an ADD would work, writes nothing, asks at most twice',
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

/** What makes a node unable to serve ADD, and what the runtime is told beside code 50. */
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
    name: 'the pool is for other nodes',
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
    name: 'the configuration cannot be meant',
    plugins: ['calico'],
    conf: { device_type: 'tun' },
    says: /^unknown device_type "tun"/,
  },
  {
    name: 'a TLS file cannot be read',
    conf: { etcd_ca_cert_file: '/nosuch/ca.pem' },
    says: /^could not initialize etcdv3 client: open \/nosuch\/ca\.pem/,
  },
];

describe('STATUS answers 50 (spec §2 STATUS: not available)', () => {
  test.for(OBSTACLES)('when $name, until it is cured', async (obstacle, { bed }) => {
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

describe('STATUS fails where ADD does (spec §2 STATUS: not available)', () => {
  /** Without the capability that entering a network namespace takes. */
  const UNPRIVILEGED = { name: 'no CAP_SYS_ADMIN', words: ['/usr/bin/setpriv', '--bounding-set=-sys_admin'] };

  test.for([...CONFINEMENTS, UNPRIVILEGED])('and in the same words: $name', async ({ words }, { bed }) => {
    const container = await bed.container();
    const [status, add] = [await confined(bed, words, 'STATUS', NOBODY), await confined(bed, words, 'ADD', container)];
    expect(failureOf(add)).toMatchObject({ code: 999, msg: expect.stringMatching(/^(?:cannot talk|failed to enter)/) });
    const { msg, details } = failureOf(add);
    expect(failureOf(status)).toEqual({ code: 50, msg, ...(details && { details }) });
    expect(`${status.stdout}${add.stdout}`).not.toMatch(/TypeError|bun:ffi|JIT/);
  });

  test('and names the limit on address space', async ({ bed }) => {
    const ran = await confined(bed, CONFINEMENTS[1]?.words ?? [], 'STATUS', NOBODY);
    expect(failureOf(ran).details).toMatch(/3 GB of address space, which is limited to 1024 MB: .*ulimit -v/);
  });

  test.for(CONFINEMENTS)('but not that of calico-ipam, whose ADD works: $name', async ({ words }, { bed }) => {
    const container = await bed.container();
    silentSuccess(await confined(bed, words, 'STATUS', NOBODY, 'calico-ipam'));
    expect(await confined(bed, words, 'ADD', container, 'calico-ipam')).toMatchObject({ exit: 0 });
  });
});

describe('STATUS of a datastore out of reach (spec §2 STATUS: not available)', () => {
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

  test('for a second, as when a leader is lost, is waited out', async ({ bed }) => {
    bed.etcd.pause();
    const asking = ask(bed);
    await sleep(1_000);
    bed.etcd.resume();
    silentSuccess(await asking);
  });

  test('at one endpoint of two is none', async ({ bed }) => {
    const configuration = statusConf({ etcd_endpoints: 'http://127.0.0.1:1,http://127.0.0.1:2379' });
    silentSuccess(await ask(bed, { conf: configuration }));
  });
});

describe('STATUS of a pool that is used up (spec §2 STATUS: not available)', () => {
  const SMALL = pool('default-ipv4-ippool', '10.78.0.0/30', { blockSize: 30 });
  const onNode = (nodename: string): CallChanges => ({ conf: statusConf({ nodename }) });

  test('is 50 only when nothing can be borrowed either', async ({ bed }) => {
    await bed.etcd.put(SMALL);
    const holders = await fill(bed, 3);
    silentSuccess(await ask(bed, onNode('node1')));
    silentSuccess(await ask(bed, onNode('node2')));
    holders.push(...(await fill(bed, 1)));
    const revision = await bed.etcd.revision();
    for (const node of ['node1', 'node2']) {
      for (const plugin of PLUGINS) {
        const failure = failureOf(await ask(bed, { ...onNode(node), plugin }));
        expect(failure).toMatchObject({
          code: 50,
          msg: expect.stringContaining('No IPs available in pools: [10.78.0.0/30]'),
        });
        expect(failure.details).toContain(`node ${node} owns ${node === 'node1' ? 1 : 0} of at most 20 blocks`);
      }
    }
    expect(await bed.etcd.revision()).toBe(revision);
    await bed.del(holders[0] as Container, IPAM);
    silentSuccess(await ask(bed, onNode('node1')));
    silentSuccess(await ask(bed, onNode('node2')));
  });

  test("is 50 for a node that may not use the other's free addresses", async ({ bed }) => {
    await bed.etcd.put(SMALL);
    await fill(bed, 1);
    await bed.etcd.put({ [CONFIG]: JSON.stringify({ strict_affinity: true, auto_allocate_blocks: true }) });
    silentSuccess(await ask(bed, onNode('node1')));
    const failure = failureOf(await ask(bed, onNode('node2')));
    expect(failure).toMatchObject({ code: 50, msg: expect.stringContaining('strict affinity enabled') });
  });

  test('is none as long as a block can be claimed', async ({ bed }) => {
    await bed.etcd.put(pool('default-ipv4-ippool', '10.78.0.0/29', { blockSize: 30 }));
    await fill(bed, 4);
    silentSuccess(await ask(bed, onNode('node1')));
  });
});

describe('STATUS with another IPAM plugin (spec §2 STATUS: must ask it too)', () => {
  const DELEGATED = { conf: statusConf({ ipam: { type: 'witness' } }) };

  test('asks it with the same configuration', async ({ bed }) => {
    silentSuccess(await ask(bed, { ...DELEGATED, path: witness(bed.host, 'exit 0') }));
    expect(witnessed(bed.host, 'STATUS')).toEqual(DELEGATED.conf);
  });

  test.for([
    { code: 999, told: 50 },
    { code: 51, told: 51 },
  ])('answers $told when it says $code, in its words', async ({ code, told }, { bed }) => {
    const path = witness(bed.host, `echo '{"code":${code},"msg":"the pool is dry"}'; exit 1`);
    expect(failureOf(await ask(bed, { ...DELEGATED, path }))).toMatchObject({ code: told, msg: 'the pool is dry' });
  });

  test('answers 50 when there is none of that name', async ({ bed }) => {
    expect(failureOf(await ask(bed, DELEGATED))).toMatchObject({
      code: 50,
      msg: expect.stringContaining('failed to find plugin "witness" in path'),
    });
  });
});

const IPAM: CallChanges = { plugin: 'calico-ipam' };
const NOBODY: Container = { containerID: '', netns: '' };
/** etcd counts the test's own question for its revision and its dump. */
const OWN_CALLS = 1;
const sum = (calls: Readonly<Record<string, number>>) => (calls['Range'] ?? 0) + (calls['Txn'] ?? 0);

function statusConf(changes: Conf = {}): Conf {
  return conf({ cniVersion: '1.1.0', ...changes });
}

const ask = (bed: Bed, changes: CallChanges = {}) =>
  bed.call('STATUS', NOBODY, { netns: '', env: { CNI_IFNAME: '' }, conf: statusConf(), ...changes });

/** A call by somebody who takes something from the executable. */
function confined(bed: Bed, words: readonly string[], command: string, container: Container, plugin = 'calico') {
  const [program = '', ...args] = words;
  const netns = container.netns === '' ? '' : netnsPath(container.netns);
  const env = environment({ command, ...container, netns, conf: '', env: { PATH: process.env['PATH'] ?? '' } });
  const input = JSON.stringify(statusConf());
  return bed.host.run(program, [...args, `${tools().bin}/${plugin}`], { env, input });
}

/** So many containers more on node1. */
async function fill(bed: Bed, count: number): Promise<Container[]> {
  const holders: Container[] = [];
  for (let index = 0; index < count; index++) {
    const container = await bed.container();
    await bed.add(container, IPAM);
    holders.push(container);
  }
  return holders;
}
