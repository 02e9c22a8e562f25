import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import type { Host } from '../../support/host/host.ts';
import { pingCount } from '../../support/machines/ping.ts';
import { routes } from '../../support/network/netns.ts';
import { buildPartProgram, type RunningPart, startPart } from '../../support/node/part.ts';
import type { StateText } from '../../support/node/state-text.ts';
import { twoMachines } from '../../support/node/two-machines.ts';

const NODES = [
  { name: 'one', ipv4: '10.0.0.1/24', ipv6: 'fd00:1::1/64', tunnel4: '10.20.0.0', tunnel6: 'fd00:20::a' },
  { name: 'two', ipv4: '10.0.0.2/24', ipv6: 'fd00:1::2/64', tunnel4: '10.20.1.0', tunnel6: 'fd00:20::1:a' },
];
const BLOCKS = [
  { cidr: '10.20.0.0/26', node: 'one' },
  { cidr: '10.20.1.0/26', node: 'two', borrowed: [{ address: '10.20.1.9', node: 'one' }] },
  { cidr: 'fd00:20::/122', node: 'one' },
  { cidr: 'fd00:20::1:0/122', node: 'two' },
];
const POOLS = [
  { cidr: '10.20.0.0/16', vxlan: 'Always' },
  { cidr: 'fd00:20::/48', vxlan: 'Always' },
] as const;
const STATE = { nodes: NODES, pools: POOLS, blocks: BLOCKS };
const ONE: StateText = { node: 'one', ...STATE };
const TWO: StateText = { node: 'two', ...STATE };
/** What tunnels consist of. */
const ALL = 'ip route; ip -6 route; ip link; bridge fdb; ip neigh show nud permanent';
/** A reader of everything looks this often at it. */
const CHECKS = 8;

let program: Awaited<ReturnType<typeof buildPartProgram>>;
let hosts: readonly [Host, Host];
let parts: readonly [RunningPart, RunningPart];

beforeAll(async () => {
  program = await buildPartProgram();
});
afterAll(() => program.remove());

beforeEach(async () => {
  hosts = await twoMachines();
  const start = (host: Host) => startPart(program.file, host.enter(), { part: 'tunnels' });
  parts = [start(hosts[0]), start(hosts[1])];
});
afterEach(async () => {
  for (const part of parts) part.kill();
  for (const host of hosts) await host.stop();
});

const inPod = (host: Host) => [...host.enter(), 'nsenter', '--net=/run/netns/pod', '--'];
const on = (host: Host, ...words: readonly string[]) => host.must(words[0] ?? '', words.slice(1));
const up = async (one = ONE, two = TWO) => {
  const answers = [await parts[0].does({ apply: one }), await parts[1].does({ apply: two })];
  return answers.map(({ lines }) => lines);
};
const lost = async (to: string, size: number) => (await pingCount(inPod(hosts[0]), to, { size })).lost;

test('pods of two machines reach each other through VXLAN with packets of the full size, in both families', async () => {
  await up();
  expect(await lost('10.20.1.2', 1430)).toBe(0);
  expect(await lost('fd00:20::1:2', 1430)).toBe(0);
  const [seen] = JSON.parse(await on(hosts[0], 'ip', '-s', '-j', 'link', 'show', 'vxlan.calico'));
  expect(seen.stats64.tx.packets).toBeGreaterThanOrEqual(5);
  expect(seen.mtu).toBe(1450);
  // The machine itself reaches the pod too, from its tunnel address.
  expect((await pingCount(hosts[0].enter(), '10.20.1.2', { size: 1430 })).lost).toBe(0);
});

test('the device, entries and routes are those that Felix makes', async () => {
  await up();
  const shown = await on(hosts[0], 'ip', '-d', 'link', 'show', 'vxlan.calico');
  // sha1('one') begins with fe05bcdcdc.
  expect(shown).toContain('link/ether 66:fe:05:bc:dc:dc');
  expect(shown).toContain('vxlan id 4096 local 10.0.0.1 dev uplink srcport 0 0 dstport 4789 nolearning');
  expect(await on(hosts[0], 'ip', '-d', 'link', 'show', 'vxlan-v6.calico')).toContain('mtu 1430');
  expect(await on(hosts[0], 'bridge', 'fdb', 'show', 'dev', 'vxlan.calico')).toBe(
    '66:ad:78:2e:cd:ac dst 10.0.0.2 self permanent\n',
  );
  expect(await on(hosts[0], 'ip', '-4', 'neigh', 'show', 'dev', 'vxlan.calico')).toBe(
    '10.20.1.0 lladdr 66:ad:78:2e:cd:ac PERMANENT \n',
  );
  const made = (await on(hosts[0], 'ip', 'route', 'show', 'proto', '80')).trim().split(/ *\n/);
  expect(made).toEqual(['blackhole 10.20.0.0/26', '10.20.1.0/26 via 10.20.1.0 dev vxlan.calico onlink']);
  const onTwo = (await on(hosts[1], 'ip', 'route', 'show', 'proto', '80')).trim().split(/ *\n/);
  expect(onTwo).toContain('10.20.1.9 via 10.20.0.0 dev vxlan.calico onlink');
});

test('a second apply, a check and the next process change nothing; a clean stop removes everything', async () => {
  const before = await routes(hosts[0]);
  await up();
  const made = await on(hosts[0], 'sh', '-c', ALL);
  expect(await up()).toEqual([[], []]);
  for (let at = 0; at < CHECKS; at++) expect((await parts[0].does({ check: true })).lines).toEqual([]);
  parts[0].kill();
  expect(await lost('10.20.1.2', 1430)).toBe(0);
  parts = [startPart(program.file, hosts[0].enter(), { part: 'tunnels' }), parts[1]];
  expect((await parts[0].does({ apply: ONE })).lines).toEqual([]);
  expect(await on(hosts[0], 'sh', '-c', ALL)).toBe(made);
  await parts[0].does({ stop: 'leave' });
  expect(await lost('10.20.1.2', 1430)).toBe(0);
  parts[0].kill();
  // The process of `node stop --clean` is another one, which has applied nothing.
  parts = [startPart(program.file, hosts[0].enter(), { part: 'tunnels' }), parts[1]];
  await parts[0].does({ stop: 'clean' });
  expect(await on(hosts[0], 'ip', 'link')).not.toContain('calico');
  expect(await routes(hosts[0])).toEqual(before);
});

test('routes that Felix has made are taken over without a moment in which there are none', async () => {
  await up();
  const asFelix = `
ip route replace 10.20.1.0/26 via 10.20.1.0 dev vxlan.calico onlink proto boot
ip -6 route replace fd00:20::1:0/122 via fd00:20::1:a dev vxlan-v6.calico onlink proto boot
ip monitor route > /run/seen 2>&1 & echo $!; sleep 0.2`;
  parts[0].kill();
  const [monitor = ''] = (await on(hosts[0], 'sh', '-ec', asFelix)).split('\n');
  const next = startPart(program.file, hosts[0].enter(), { part: 'tunnels' });
  onTestFinished(next.kill);
  await next.does({ apply: ONE });
  const seen = await on(hosts[0], 'sh', '-c', `sleep 0.2; kill ${monitor}; cat /run/seen`);
  expect(seen).toMatch(/10\.20\.1\.0\/26 via 10\.20\.1\.0 dev vxlan\.calico proto 80/);
  expect(seen).toMatch(/fd00:20::1:0\/122 via fd00:20::1:a dev vxlan-v6\.calico proto 80/);
  expect(seen).not.toContain('Deleted');
});

test('what others remove is put right, and what they add is left alone and told', async () => {
  await up();
  await on(hosts[0], 'ip', 'link', 'del', 'vxlan.calico');
  const [first] = (await parts[0].does({ check: true })).lines;
  expect(first).toBe('made vxlan.calico with VNI 4096, port 4789, MTU 1450 over uplink');
  expect(await lost('10.20.1.2', 1430)).toBe(0);
  // With a device's last address go the routes over it.
  await on(hosts[0], 'ip', '-4', 'addr', 'flush', 'dev', 'vxlan.calico');
  await parts[0].does({ check: true });
  expect(await lost('10.20.1.2', 1430)).toBe(0);
  await on(hosts[0], 'ip', 'route', 'del', '10.20.1.0/26');
  expect((await parts[0].does({ check: true })).lines).toEqual(['IPv4: set 10.20.1.0/26 via 10.20.1.0']);
  await on(hosts[0], 'ip', 'route', 'del', '10.20.1.0/26');
  await on(hosts[0], 'ip', 'neigh', 'del', '10.20.1.0', 'dev', 'vxlan.calico');
  await on(hosts[0], 'bridge', 'fdb', 'del', '66:ad:78:2e:cd:ac', 'dev', 'vxlan.calico', 'dst', '10.0.0.2');
  await on(hosts[0], 'bridge', 'fdb', 'append', '02:00:00:00:00:01', 'dev', 'vxlan.calico', 'dst', '10.0.0.7');
  await on(hosts[0], 'ip', 'route', 'add', '10.99.0.0/24', 'dev', 'vxlan.calico');
  const lines: string[] = [];
  for (let at = 0; at < CHECKS; at++) lines.push(...(await parts[0].does({ check: true })).lines);
  expect(lines).toContain('IPv4: set 10.20.1.0/26 via 10.20.1.0');
  expect(lines).toContain('the forwarding entry 10.0.0.7 with MAC 02:00:00:00:00:01 is not ours, and is left as it is');
  expect(lines).toContain('the route to 10.99.0.0/24 (protocol 3) is not ours, and is left as it is');
  expect(await lost('10.20.1.2', 1430)).toBe(0);
  expect(await on(hosts[0], 'ip', 'route')).toContain('10.99.0.0/24');
});

test('a device that differs is made again; machines, blocks and addresses that change are followed', async () => {
  await on(
    hosts[0],
    'ip',
    'link',
    'add',
    'vxlan.calico',
    'type',
    'vxlan',
    'id',
    '7',
    'dstport',
    '4789',
    'dev',
    'uplink',
  );
  const [lines] = await up();
  expect(lines).toContain('removed vxlan.calico: it had VNI 7, not 4096');
  expect(await lost('10.20.1.2', 1430)).toBe(0);
  const nodes = NODES.map((node) => (node.name === 'two' ? { ...node, tunnel4: '10.20.1.7' } : node));
  await up({ ...ONE, nodes }, { ...TWO, nodes });
  expect(await on(hosts[1], 'ip', '-4', '-br', 'addr', 'show', 'vxlan.calico')).toContain(' 10.20.1.7/32');
  expect(await on(hosts[0], 'ip', '-4', 'neigh', 'show', 'dev', 'vxlan.calico')).toMatch(
    /^10\.20\.1\.7 \S+ \S+ PERMANENT \n$/,
  );
  expect(await lost('10.20.1.2', 1430)).toBe(0);
  await parts[0].does({ apply: { ...ONE, nodes: NODES.slice(0, 1), blocks: BLOCKS.slice(0, 1) } });
  expect(await on(hosts[0], 'bridge', 'fdb', 'show', 'dev', 'vxlan.calico')).toBe('');
  expect(await on(hosts[0], 'ip', 'route', 'show', 'proto', '80')).toMatch(/^blackhole 10\.20\.0\.0\/26 *\n$/);
  await parts[0].does({ apply: { ...ONE, pools: [{ cidr: '10.20.0.0/16' }] } });
  expect(await on(hosts[0], 'ip', 'link')).not.toContain('calico:');
});

test('CrossSubnet sends packets between machines of one network without a tunnel', async () => {
  const pools = [
    { cidr: '10.20.0.0/16', vxlan: 'CrossSubnet' },
    { cidr: 'fd00:20::/48', vxlan: 'CrossSubnet' },
  ] as const;
  await up({ ...ONE, pools }, { ...TWO, pools });
  expect(await on(hosts[0], 'ip', 'route')).toContain('10.20.1.0/26 via 10.0.0.2 dev uplink proto 80');
  expect(await lost('10.20.1.2', 1430)).toBe(0);
  const [seen] = JSON.parse(await on(hosts[0], 'ip', '-s', '-j', 'link', 'show', 'vxlan.calico'));
  expect(seen.stats64.tx.packets).toBe(0);
  expect(await lost('fd00:20::1:2', 1430)).toBe(0);
  await up();
  expect(await on(hosts[0], 'ip', '-6', 'route')).toMatch(/fd00:20::1:0\/122 via fd00:20::1:a dev vxlan-v6\.calico/);
  expect(await lost('fd00:20::1:2', 1430)).toBe(0);
  await up({ ...ONE, pools }, { ...TWO, pools });
  expect(await lost('fd00:20::1:2', 1430)).toBe(0);
  // With an interface that goes down go the routes over it.
  await on(hosts[0], 'sh', '-ec', 'ip link set uplink down; ip link set uplink up');
  expect(await on(hosts[0], 'ip', 'route')).not.toContain('via 10.0.0.2');
  await parts[0].does({ check: true });
  expect(await lost('10.20.1.2', 1430)).toBe(0);
});

test('settings of FelixConfiguration; a node without an address waits; a foreign route is not replaced', async () => {
  const felix = { vxlanVNI: 5000, vxlanPort: 4790, vxlanMTU: 1300 };
  await up({ ...ONE, felix }, { ...TWO, felix });
  const shown = await on(hosts[0], 'ip', '-d', 'link', 'show', 'vxlan.calico');
  expect(shown).toContain('vxlan id 5000');
  expect(shown).toContain('dstport 4790');
  expect(shown).toContain('mtu 1300');
  expect(await lost('10.20.1.2', 1300)).toBe(0);
  const nodes = NODES.map(({ tunnel4: _, ...node }) => node);
  await parts[0].does({ stop: 'clean' });
  await parts[0].does({ apply: { ...ONE, nodes } });
  expect(parts[0].problem()).toBe('no vxlan.calico yet: this node has no IPv4 tunnel address');
  await on(hosts[0], 'ip', 'route', 'add', '10.20.1.0/26', 'via', '10.0.0.2', 'proto', 'static');
  await parts[0].does({ apply: ONE });
  expect(parts[0].problem()).toBe('the kernel refused 10.20.1.0/26 via 10.20.1.0: another program has a route to it');
  await on(hosts[0], 'ip', 'route', 'del', '10.20.1.0/26');
  await parts[0].does({ check: true });
  expect(parts[0].problem()).toBeUndefined();
});

test('IPIP is refused with the reason where the kernel has none, or is set up; VXLAN goes on', async () => {
  const pools = [...POOLS, { cidr: '10.30.0.0/16', ipip: 'Always' }] as const;
  const blocks = [...BLOCKS, { cidr: '10.30.1.0/26', node: 'two' }];
  await up({ ...ONE, pools, blocks }, { ...TWO, pools, blocks });
  const problem = parts[0].problem();
  if (problem === undefined) {
    expect(await on(hosts[0], 'ip', 'route')).toContain('10.30.1.0/26 via 10.0.0.2 dev tunl0 proto 80 onlink');
  } else {
    expect(problem).toBe(
      'this kernel has no IPIP: pools with ipipMode need it: load the module ipip (modprobe ipip), or change the pools to vxlanMode',
    );
  }
  expect(await lost('10.20.1.2', 1430)).toBe(0);
});

test('a process without the right to make devices says which one', async () => {
  parts[0].kill();
  const enter = [...hosts[0].enter(), 'setpriv', '--bounding-set', '-net_admin', '--inh-caps', '-net_admin'];
  parts = [startPart(program.file, enter, { part: 'tunnels' }), parts[1]];
  await expect(parts[0].does({ apply: ONE })).rejects.toThrow(
    'failed to make vxlan.calico: operation not permitted: it needs root, or the capability CAP_NET_ADMIN',
  );
});
