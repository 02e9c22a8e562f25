import { expect, test } from 'vitest';
import { checksOf } from '../../../node/checksystem/checks.ts';
import { moduleNames } from '../../../node/checksystem/modules.ts';
import type { System } from '../../../node/checksystem/system.ts';
import { checksJson, checksText, meetsRequirements } from '../../../node/checksystem/text.ts';

const MODULES = 'veth nf_tables nf_conntrack nft_chain_nat nft_masq vxlan ipip sch_tbf ifb'.split(' ');

/** A Debian machine on which nothing is in the way. */
const GOOD: System = {
  kernel: '6.1.0-18-amd64',
  isRoot: true,
  modules: { loaded: new Set(MODULES), onDisk: new Set(), builtIn: new Set(), config: undefined },
  settings: { 'net/ipv4/ip_forward': '0', 'net/ipv4/conf/all/rp_filter': '0', 'net/ipv4/conf/default/rp_filter': '1' },
  canChangeSettings: true,
  running: new Set(['systemd', 'sshd']),
  rival: undefined,
  interfaces: ['lo', 'eth0'],
  netConfs: [],
  managers: { NetworkManager: [], 'systemd-networkd': [], ufw: [] },
  programs: { ip: '/sbin/ip', tc: '/sbin/tc', bird: '/usr/sbin/bird' },
  forwardPolicy: { iptables: 'ACCEPT', ip6tables: 'ACCEPT' },
};

/** What is not well on a machine that differs in this: state, name and finding. */
const complaints = (changes: Partial<System>): readonly string[] =>
  checksOf({ ...GOOD, ...changes })
    .filter(({ state }) => state !== 'ok')
    .map(({ state, name, found }) => `${state}: ${name}: ${found}`);

test('a good machine has no complaints', () => expect(complaints({})).toEqual([]));

test.each([
  ['4.18.0', []],
  ['5.4.0-42-generic', []],
  ['4.17.19', ['failed: Linux, 4.18 or later: 4.17.19']],
  ['3.10.0-1160.el7', ['failed: Linux, 4.18 or later: 3.10.0-1160.el7']],
])('kernel %s', (kernel, found) => expect(complaints({ kernel })).toEqual(found));

const modules = (changes: Partial<System['modules']>) => ({
  modules: { loaded: new Set<string>(), onDisk: undefined, builtIn: new Set<string>(), config: undefined, ...changes },
});

test('a module is loaded, built in, can be loaded, or is missing', () => {
  expect(complaints(modules({ builtIn: new Set(MODULES) }))).toEqual([]);
  expect(complaints(modules({ onDisk: new Set(MODULES) }))).toEqual([]);
  expect(complaints(modules({ onDisk: new Set(MODULES.filter((name) => !/^(?:veth|ipip)$/.test(name))) }))).toEqual([
    'failed: veth (pods’ interfaces): missing',
    'warning: ipip (pools with ipipMode): missing',
  ]);
});

test('a kernel without modules is known by its configuration, or not at all', () => {
  const config = '\nCONFIG_VETH=y\nCONFIG_VXLAN=m\n# CONFIG_NET_IPIP is not set\n';
  const found = complaints(modules({ config }));
  expect(found).toContain('warning: ipip (pools with ipipMode): missing');
  expect(found).toContain('unknown: vxlan (pools with vxlanMode): not known');
  expect(found.join()).not.toContain('veth');
  expect(new Set(complaints(modules({})).map((line) => line.split(':')[0]))).toEqual(new Set(['unknown']));
});

test('names of modules are read from the lists of depmod', () => {
  const list = 'kernel/drivers/net/veth.ko.xz: kernel/x/y.ko\nkernel/net/sched/sch-tbf.ko\nkernel/net/ipip.ko.zst:\n\n';
  expect([...moduleNames(list)]).toEqual(['veth', 'sch_tbf', 'ipip']);
});

const conf = (name: string, value: object) => ({ path: `/etc/cni/net.d/${name}`, text: JSON.stringify(value) });

test.each<[string, Partial<System>, readonly string[]]>([
  ['not root', { isRoot: false }, ['warning: user: not root']],
  ['read-only settings', { canChangeSettings: false }, ['failed: /proc/sys: read-only']],
  [
    'loose reverse paths',
    { settings: { ...GOOD.settings, 'net/ipv4/conf/all/rp_filter': '2' } },
    ['warning: net/ipv4/conf/all/rp_filter: 2: sources are hardly checked'],
  ],
  ['no ip', { programs: { tc: '/sbin/tc', bird: '/bird' } }, ['warning: ip: missing']],
  ['no bird', { programs: { ip: '/sbin/ip', tc: '/sbin/tc' } }, ['warning: bird: missing']],
  [
    'Docker',
    { forwardPolicy: { iptables: 'DROP', ip6tables: undefined } },
    [
      'warning: FORWARD of iptables: DROP, as Docker sets it',
      'unknown: FORWARD of ip6tables: no ip6tables, or not root',
    ],
  ],
  ['firewalld', { running: new Set(['firewalld']) }, ['warning: firewalld, ufw: active: firewalld']],
  [
    'ufw',
    { managers: { ...GOOD.managers, ufw: [{ path: '/etc/ufw/ufw.conf', text: 'LOGLEVEL=low\nENABLED=yes\n' }] } },
    ['warning: firewalld, ufw: active: ufw'],
  ],
  ['a calico/node', { rival: 'Felix runs on this machine' }, ['warning: calico/node: Felix runs on this machine']],
  ['NetworkManager', { running: new Set(['NetworkManager']) }, ['warning: NetworkManager: manages cali*']],
  [
    'systemd-networkd',
    { running: new Set(['systemd-network']) },
    ['warning: systemd-networkd: removes foreign routes when it restarts'],
  ],
  [
    'interfaces of others',
    { interfaces: ['lo', 'eth0', 'flannel.1', 'cni0', 'calie2a3'] },
    [
      'warning: other networks of pods: interface flannel.1 of flannel',
      'warning: other networks of pods: interface cni0 of flannel or bridge',
    ],
  ],
  [
    'another plugin first',
    {
      netConfs: [
        conf('05-flannel.conflist', { plugins: [{ type: 'flannel' }] }),
        conf('10-calico.conflist', { plugins: [{ type: 'calico' }] }),
      ],
    },
    ['warning: network configuration: /etc/cni/net.d/05-flannel.conflist is of another plugin'],
  ],
])('%s', (_, changes, found) => expect(complaints(changes)).toEqual(found));

test('programs that manage networks and were told of Calico are fine', () => {
  const keyfile = { path: 'calico.conf', text: '[keyfile]\nunmanaged-devices = interface-name:cali*\n' };
  const network = { path: 'calico.conf', text: '[Network]\nManageForeignRoutes = no\n' };
  const managers = { ...GOOD.managers, NetworkManager: [keyfile], 'systemd-networkd': [network] };
  expect(complaints({ running: new Set(['NetworkManager', 'systemd-network']), managers })).toEqual([]);
  const netConfs = [conf('10-calico.conflist', { plugins: [{ type: 'calico' }, { type: 'portmap' }] })];
  expect(complaints({ netConfs })).toEqual([]);
});

test.each(['no', 'No', 'false', 'off', '0'])('a systemd-networkd that was told with %s is fine', (word) => {
  const network = { path: 'calico.conf', text: `[Network]\nmanageforeignroutes=${word}\n` };
  const managers = { ...GOOD.managers, 'systemd-networkd': [network] };
  expect(complaints({ running: new Set(['systemd-network']), managers })).toEqual([]);
});

test('what NetworkManager is to be told adds to other settings, and names every interface, as calico-install does', () => {
  const check = checksOf({ ...GOOD, running: new Set(['NetworkManager']) }).find(
    ({ name }) => name === 'NetworkManager',
  );
  const line = 'unmanaged-devices+=interface-name:cali*;interface-name:tunl*;interface-name:vxlan.calico;';
  const others = 'interface-name:vxlan-v6.calico;interface-name:wireguard.cali;interface-name:wg-v6.cali';
  expect(check?.remedy).toBe(`write to /etc/NetworkManager/conf.d/calico.conf: [keyfile] and ${line}${others}`);
});

test('the text ends with the verdict, after what to do', () => {
  const good = checksText(checksOf(GOOD));
  expect(good).toMatch(/^Checking kernel version\.\.\.\n {4}Linux, 4\.18 or later {3}6\.1\.0-18-amd64 {3}OK\n/);
  expect(good).toMatch(/\n\nSystem meets minimum system requirements to run Calico!\n$/);
  const bad = checksText(checksOf({ ...GOOD, kernel: '3.10.0', running: new Set(['NetworkManager']) }));
  expect(bad).toContain(
    '\nFAILED: Linux, 4.18 or later: 3.10.0: a newer kernel\nWARNING: NetworkManager: manages cali*: ',
  );
  const left = checksText(checksOf({ ...GOOD, ...modules({}) }));
  expect(left.match(/^UNKNOWN: .*$/gm)).toHaveLength(1);
  expect(left).toContain('UNKNOWN: veth (pods’ interfaces), nf_tables (natOutgoing, FORWARD), ');
  expect(bad).toMatch(/\nSystem doesn't meet minimum system requirements to run Calico\n$/);
});

test('the JSON has the verdict and every check', () => {
  const checks = checksOf({ ...GOOD, programs: {}, canChangeSettings: false });
  const { checks: printed, ...summary } = JSON.parse(checksJson(checks));
  expect(summary).toEqual({ ok: false, failed: 1, warnings: 3 });
  expect(printed).toHaveLength(checks.length);
  expect(printed[0]).toEqual({
    section: 'kernel version',
    name: 'Linux, 4.18 or later',
    state: 'ok',
    found: '6.1.0-18-amd64',
  });
  expect(meetsRequirements(checks)).toBe(false);
});
