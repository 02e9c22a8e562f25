import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { tools } from '../../../build/tools.ts';
import { type Host, startHost } from '../../support/host/host.ts';
import { addNetns } from '../../support/network/netns.ts';
import { reaches } from '../../support/network/reach.ts';
import { buildPartProgram, type RunningPart, startPart } from '../../support/node/part.ts';
import type { StateText } from '../../support/node/state-text.ts';

const POOLS = [{ cidr: '10.10.0.0/16', nat: true }, { cidr: '10.11.0.0/16' }, { cidr: 'fd00:10::/48', nat: true }];
const STATE: StateText = { node: 'one', pools: POOLS };
const FORWARDING = { part: 'forwarding' } as const;
const OUR_TABLES = /table ip6? calicoctl_node/;

let program: Awaited<ReturnType<typeof buildPartProgram>>;
let host: Host;
let part: RunningPart;

beforeAll(async () => {
  program = await buildPartProgram();
});
afterAll(() => program.remove());

/** A pod, and a machine outside that has no route to pods. */
beforeEach(async () => {
  host = await startHost();
  await addNetns(host, 'pod');
  await addNetns(host, 'outside');
  const script = `
ip link add cali1 type veth peer name eth0 netns pod
ip addr add 10.10.0.1/24 dev cali1
ip -6 addr add fd00:10::1/64 dev cali1 nodad
ip link set cali1 up
ip -n pod addr add 10.10.0.2/24 dev eth0
ip -n pod -6 addr add fd00:10::2/64 dev eth0 nodad
ip -n pod link set eth0 up
ip -n pod route add default via 10.10.0.1
ip -n pod -6 route add default via fd00:10::1
ip link set uplink0 netns outside
ip -6 addr add fd00:99::1/64 dev uplink nodad
ip -n outside addr add 10.0.0.254/24 dev uplink0
ip -n outside addr add 10.11.0.5/32 dev lo
ip -n outside -6 addr add fd00:99::254/64 dev uplink0 nodad
ip -n outside link set uplink0 up
echo 0 > /proc/sys/net/ipv4/ip_forward
`;
  await host.must('sh', ['-ec', script]);
  part = startPart(program.file, host.enter(), FORWARDING);
});
afterEach(async () => {
  part.kill();
  await host.stop();
});

const filters = (name: string) => join(tools().packetFilters ?? '', name);
const nft = (...words: readonly string[]) => host.must(filters('nft'), words);
const iptables = (...words: readonly string[]) => host.must(filters('iptables-nft'), words);
/** Whether one echo from the pod is not answered within a second. */
const isCutOff = async (address: string) => {
  const words = ['--net=/run/netns/pod', '--', tools().ping, '-c', '1', '-W', '1', address];
  return (await host.run('nsenter', words)).exit !== 0;
};
const lines = async (...args: Parameters<RunningPart['does']>) => (await part.does(...args)).lines;

test('pods reach an outside host with the address of their machine, in both families, once ip_forward and NAT are set', async () => {
  expect(await isCutOff('10.0.0.254')).toBe(true);
  const done = await lines({ apply: STATE });
  expect(done).toContain('set net.ipv4.ip_forward=1');
  expect(done).toContain('outgoing NAT: made table ip calicoctl_node for 10.10.0.0/16');
  expect(await reaches(host, '10.0.0.254', 'pod')).toBe(true);
  expect(await reaches(host, 'fd00:99::254', 'pod')).toBe(true);
});

test('nft lists what was planned, and a second apply or check changes nothing', async () => {
  await part.does({ apply: STATE });
  const listed = await nft('-a', 'list', 'ruleset');
  expect(listed).toContain('elements = { 10.10.0.0/16 }');
  expect(listed).toContain('elements = { 10.10.0.0/15 }');
  expect(listed).toContain('ip saddr @nat_pools ip daddr != @inside masquerade fully-random');
  expect(listed).toContain('ip6 saddr @nat_pools ip6 daddr != @inside masquerade fully-random');
  expect(await lines({ apply: STATE })).toEqual([]);
  expect(await lines({ check: true })).toEqual([]);
  expect(await nft('-a', 'list', 'ruleset')).toBe(listed);
});

test('packets to another pool keep their source', async () => {
  await part.does({ apply: STATE });
  await host.must('ip', ['route', 'add', '10.11.0.5/32', 'via', '10.0.0.254']);
  await host.must('ip', ['-n', 'outside', 'route', 'add', '10.10.0.0/24', 'via', '10.0.0.1']);
  const inOutside = (words: string) => host.must('nsenter', ['--net=/run/netns/outside', filters('nft'), words]);
  await inOutside(
    'add table ip seen; add chain ip seen c { type filter hook input priority 0; }; add rule ip seen c ip saddr 10.10.0.2 counter',
  );
  expect(await reaches(host, '10.11.0.5', 'pod')).toBe(true);
  expect(await inOutside('list table ip seen')).toMatch(/saddr 10\.10\.0\.2 counter packets [1-9]/);
});

test('where iptables drops by policy, packets of pods pass; the rules are listed by iptables and removed with the policy', async () => {
  await iptables('-P', 'FORWARD', 'DROP');
  await iptables('-A', 'FORWARD', '-i', 'docker0', '-j', 'ACCEPT');
  await part.does({ apply: STATE });
  expect(await reaches(host, '10.0.0.254', 'pod')).toBe(true);
  expect((await iptables('-S', 'FORWARD')).trim().split('\n')).toEqual([
    '-P FORWARD DROP',
    '-A FORWARD -i docker0 -j ACCEPT',
    '-A FORWARD -i cali+ -m comment --comment "calicoctl node run: from cali+" -j ACCEPT',
    '-A FORWARD -o cali+ -m comment --comment "calicoctl node run: to cali+" -j ACCEPT',
  ]);
  await iptables('-P', 'FORWARD', 'ACCEPT');
  expect(await lines({ check: true })).toEqual([
    'iptables: removed rules from FORWARD that accept forwarded packets of pods',
  ]);
  expect(await iptables('-S', 'FORWARD')).toBe('-P FORWARD ACCEPT\n-A FORWARD -i docker0 -j ACCEPT\n');
});

test('rules that Felix has left, which drop packets of new pods, are a problem until they are removed', async () => {
  await part.does({ apply: STATE });
  expect(part.problem()).toBeUndefined();
  await iptables('-N', 'cali-FORWARD');
  await iptables('-A', 'cali-FORWARD', '-i', 'cali+', '-j', 'DROP');
  await iptables('-A', 'FORWARD', '-j', 'cali-FORWARD');
  expect(await isCutOff('10.0.0.254')).toBe(true);
  await part.does({ check: true });
  expect(part.problem()).toMatch(
    /^Felix has ended and left its rules in iptables: packets of new pods .* are dropped\. Remove them: iptables-save \|/,
  );
  await iptables('-F');
  await iptables('-X');
  await part.does({ check: true });
  expect(part.problem()).toBeUndefined();
  expect(await reaches(host, '10.0.0.254', 'pod')).toBe(true);
  await nft('add table ip6 calico');
  await part.does({ check: true });
  expect(part.problem()).toContain('nft delete table ip6 calico');
});

test('the same with IPv6', async () => {
  await nft('add table ip6 filter');
  await nft('add chain ip6 filter FORWARD { type filter hook forward priority 0; policy drop; }');
  await part.does({ apply: STATE });
  expect(await reaches(host, 'fd00:99::254', 'pod')).toBe(true);
  await part.does({ stop: 'clean' });
  expect(await nft('list', 'chain', 'ip6', 'filter', 'FORWARD')).not.toContain('cali');
});

test('what others change in it is put right, and their own tables stay as they are', async () => {
  await iptables('-P', 'FORWARD', 'DROP');
  await nft('add table inet theirs { chain c { type filter hook forward priority 10; accept; }; }');
  await part.does({ apply: STATE });
  const wanted = await nft('--stateless', 'list', 'ruleset');
  await nft('add element ip calicoctl_node inside { 10.0.0.0/24 }');
  await iptables('-D', 'FORWARD', '1');
  await nft('delete table ip6 calicoctl_node');
  expect(await isCutOff('10.0.0.254')).toBe(true);
  expect(await lines({ check: true })).toEqual([
    'outgoing NAT: table ip calicoctl_node had been changed, made it again',
    'iptables drops forwarded packets by policy: added rules to FORWARD that accept those of cali+',
    'outgoing NAT: made table ip6 calicoctl_node for fd00:10::/48',
  ]);
  expect(await reaches(host, '10.0.0.254', 'pod')).toBe(true);
  const sorted = (text: string) => text.split('\n').sort();
  expect(sorted(await nft('--stateless', 'list', 'ruleset'))).toEqual(sorted(wanted));
});

test('a killed process leaves everything working, the next one takes it over, and a clean stop removes all of it', async () => {
  await iptables('-P', 'FORWARD', 'DROP');
  await part.does({ apply: STATE });
  part.kill();
  expect(await reaches(host, '10.0.0.254', 'pod')).toBe(true);
  part = startPart(program.file, host.enter(), FORWARDING);
  expect(await lines({ apply: STATE })).toEqual([]);
  await part.does({ stop: 'leave' });
  expect(await nft('list', 'ruleset')).toMatch(OUR_TABLES);
  await part.does({ stop: 'clean' });
  expect(await nft('list', 'ruleset')).not.toMatch(OUR_TABLES);
  expect(await iptables('-S', 'FORWARD')).toBe('-P FORWARD DROP\n');
});

test('pools that come and go, and the settings of FelixConfiguration, change the table', async () => {
  const felix = {
    natPortRange: '40000:50000',
    natOutgoingAddress: '10.0.0.1',
    iptablesNATOutgoingInterfaceFilter: 'upl+',
    natOutgoingExclusions: 'IPPoolsAndHostIPs',
    interfacePrefix: 'cali,tap',
  };
  const nodes = [{ name: 'two', ipv4: '10.0.0.2/24' }];
  await iptables('-P', 'FORWARD', 'DROP');
  await part.does({ apply: { ...STATE, nodes, felix } });
  // Protocols as numbers: their names are in a file that a small system lacks.
  const listed = await nft('--numeric-protocol', 'list', 'table', 'ip', 'calicoctl_node');
  expect(listed).toContain('elements = { 10.0.0.2, 10.10.0.0/15 }');
  const match = 'oifname "upl*" ip saddr @nat_pools ip daddr != @inside';
  expect(listed).toContain(`${match} meta l4proto 6 snat to 10.0.0.1:40000-50000 fully-random`);
  expect(listed).toContain(`${match} snat to 10.0.0.1 fully-random`);
  expect(await iptables('-S', 'FORWARD')).toContain('-i tap+');
  expect(await reaches(host, '10.0.0.254', 'pod')).toBe(true);
  await part.does({ apply: { node: 'one' } });
  expect(await nft('list', 'ruleset')).not.toMatch(OUR_TABLES);
});

test('thousands of pools fit into the sets', async () => {
  const pools = Array.from({ length: 2000 }, (_, at) => ({ cidr: `10.${at >> 7}.${(at & 127) * 2}.0/24`, nat: true }));
  await part.does({ apply: { node: 'one', pools } });
  expect(await nft('list', 'set', 'ip', 'calicoctl_node', 'nat_pools')).toContain('10.15.158.0/24');
});

test.skipIf(!existsSync('/proc/net/ip_tables_names'))(
  'the older iptables is told by its own program, or the administrator is',
  async () => {
    const legacy = (...words: readonly string[]) => host.must(filters('iptables-legacy'), words);
    await legacy('-P', 'FORWARD', 'DROP');
    // One that is installed here is not to be found at first.
    const hide = '[ ! -e /usr/sbin/iptables-legacy ] || mount --bind /dev/null /usr/sbin/iptables-legacy';
    await host.must('sh', ['-ec', hide]);
    expect((await lines({ apply: STATE })).join()).toContain('iptables -A FORWARD -i cali+ -j ACCEPT');
    part.kill();
    const env = { ...process.env, PATH: `${tools().packetFilters}:${process.env['PATH']}` };
    part = startPart(program.file, host.enter(), FORWARDING, env);
    await legacy('-N', 'cali-FORWARD');
    await legacy('-A', 'FORWARD', '-j', 'cali-FORWARD');
    await part.does({ apply: STATE });
    expect(part.problem()).toContain('left its rules in');
    await legacy('-D', 'FORWARD', '-j', 'cali-FORWARD');
    await legacy('-X', 'cali-FORWARD');
    expect(await reaches(host, '10.0.0.254', 'pod')).toBe(true);
    expect(await legacy('-S', 'FORWARD')).toContain('-A FORWARD -o cali+');
    await part.does({ stop: 'clean' });
    expect(await legacy('-S', 'FORWARD')).toBe('-P FORWARD DROP\n');
  },
);

test('a process without the right to change packet filters says which one', async () => {
  part.kill();
  const enter = [...host.enter(), 'setpriv', '--bounding-set', '-net_admin', '--inh-caps', '-net_admin'];
  part = startPart(program.file, enter, FORWARDING);
  await expect(part.does({ apply: STATE })).rejects.toThrow(
    'the kernel does not let us see its packet filters: operation not permitted: it needs root, or the capability CAP_NET_ADMIN',
  );
});
