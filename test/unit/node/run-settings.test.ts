import { describe, expect, test } from 'vitest';
import type { Args } from '../../../ctl/command-line/args.ts';
import { parseCommandLine } from '../../../ctl/command-line/command-line.ts';
import { nodeRun } from '../../../node/commands/run.ts';
import { podMtu } from '../../../node/registration/mtu.ts';
import { refusalBeside } from '../../../node/run/other-programs.ts';
import { readRunSettings } from '../../../node/run/run-settings.ts';
import { unitText } from '../../../node/run/unit.ts';
import { parseCidr } from '../../../shared/net/cidr.ts';

function argsOf(line: string): Args {
  const parsed = parseCommandLine(['node', 'run', ...line.split(' ').filter((word) => word !== '')], [nodeRun]);
  if ('command' in parsed) return parsed.args;
  throw new Error(parsed.err);
}

const settings = (line: string, env = {}) => readRunSettings(argsOf(line), env, false);

describe('the settings of node run', () => {
  test('are those of the command line, else of calico/node’s variables', () => {
    const env = {
      NODENAME: 'n2',
      IP: 'autodetect',
      IP_AUTODETECTION_METHOD: 'can-reach=8.8.8.8',
      IP6: 'none',
      AS: '1.10',
      AUTODETECT_POLL_INTERVAL: '5s',
      CALICO_NETWORKING_BACKEND: 'vxlan',
    };
    expect(settings('', env)).toMatchObject({
      name: 'n2',
      asNumber: 65546,
      everyMs: 5_000,
      withBird: false,
      addresses: [
        { family: 4, text: 'autodetect', method: { by: 'can-reach', destination: '8.8.8.8' } },
        { family: 6, text: 'none', method: { by: 'default-route' } },
      ],
    });
    const line =
      '--name=n1 --ip=10.0.0.1 --ip6=autodetect --ip-autodetection-method=first-found --as=64512 --backend=bird';
    expect(settings(line, env)).toMatchObject({
      name: 'n1',
      asNumber: 64512,
      withBird: true,
      addresses: [{ text: '10.0.0.1', method: { by: 'first-found' } }, { text: 'autodetect' }],
    });
    expect(settings('')).toMatchObject({ name: undefined, asNumber: undefined, everyMs: 60_000, withBird: true });
  });

  test('of old habit have no effect, and say so', () => {
    expect(settings('--node-image=x --log-dir=/var/log/calico --init-system').notices).toEqual([
      '--node-image has no effect: no container is started, this process itself does the work',
      '--log-dir has no effect: all is said on standard output and standard error',
      '--init-system has no effect: the process stays in the foreground in any case',
    ]);
    expect(settings('--no-default-ippools').pools).toEqual([]);
    expect(settings('').pools).toHaveLength(1);
  });

  test.each([
    ['--dryrun', {}, 'calicoctl node unit prints a systemd unit'],
    ['--felix-config=/x', {}, 'Felix is not started here'],
    ['--backend=none', {}, '--backend=none leaves nothing to do'],
    ['--backend=gobgp', {}, "unknown backend 'gobgp'"],
    ['--as=x', {}, 'AS=x'],
    ['', { AS: '4294967296' }, 'AS=4294967296'],
    ['--ip-autodetection-method=best', {}, '--ip-autodetection-method: Invalid IP autodetection method: best'],
    [
      '',
      { IP6_AUTODETECTION_METHOD: 'interface=(' },
      'IP6_AUTODETECTION_METHOD: Invalid IP autodetection method: interface=(',
    ],
  ])('%s %j is refused', (line, env, reason) => {
    expect(() => settings(line, env)).toThrow(reason);
  });
});

describe('beside other programs', () => {
  const beside = (line: string, areAll = true, ports: readonly number[] = []) =>
    refusalBeside({ programs: [{ pid: 7, args: line.split(' ') }], areAll, ports })?.message;

  test.each([
    ['calico-node -felix', 'Felix runs on this machine (pid 7: calico-node -felix)'],
    ['/usr/bin/calico-felix', 'Felix runs on this machine (pid 7: /usr/bin/calico-felix)'],
    ['calico-node -confd', 'confd runs on this machine (pid 7: calico-node -confd)'],
    ['calico-node -monitor-addresses', 'calico/node runs on this machine (pid 7: calico-node -monitor-addresses)'],
    [
      '/usr/bin/calico component node start',
      'calico/node runs on this machine (pid 7: /usr/bin/calico component node start)',
    ],
    ['confd -confdir=/etc/calico/confd', 'confd runs on this machine (pid 7: confd -confdir=/etc/calico/confd)'],
    [
      'bird6 -c /etc/calico/confd/config/bird6.cfg',
      'calico/node’s BIRD runs on this machine (pid 7: bird6 -c /etc/calico/confd/config/bird6.cfg)',
    ],
    ['bird -c /etc/bird/bird.conf', undefined],
    ['confd -onetime -backend env', undefined],
    ['/opt/cni/bin/calico', undefined],
    ['sh -c calico-node', undefined],
    ['calicoctl node run', undefined],
  ])('%s: %s', (line, what) => {
    expect(beside(line)).toBe(what);
  });

  test('Felix is known by its port where not all programs can be seen', () => {
    expect(beside('x', true, [22, 9099])).toBeUndefined();
    expect(beside('x', false, [22])).toBeUndefined();
    expect(beside('x', false, [22, 9099])).toMatch(/^Felix seems to run on this machine/);
  });
});

test('a unit has the options and variables, no password, and words as systemd reads them', () => {
  const text = unitText({
    executable: '/usr/local/bin/calicoctl',
    args: ['--ip=autodetect', '--ip-autodetection-method=interface=eth0$,a b"%'],
    env: {
      ETCD_ENDPOINTS: 'http://a:2379',
      ETCD_PASSWORD: 'secret',
      CALICO_K8SAPITOKEN: 'secret',
      HOME: '/root',
      IP6: '',
    },
  });
  expect(text).toContain('\nEnvironment=ETCD_ENDPOINTS=http://a:2379\n');
  expect(text).not.toMatch(/secret|HOME|IP6/);
  expect(text).toContain(
    'ExecStart=/usr/local/bin/calicoctl node run --ip=autodetect "--ip-autodetection-method=interface=eth0$$,a b\\"%%"\n',
  );
  expect(text).toContain('\nKillMode=process\n');
});

describe('the MTU of pods', () => {
  const LINKS = [
    { name: 'lo', mtu: 65_536 },
    { name: 'eth0', mtu: 1_500 },
    { name: 'ens4', mtu: 8_951 },
    { name: 'docker0', mtu: 1_400 },
  ];
  const cidr = (text: string) => parseCidr(text);
  const state = (modes: object, felix = {}, network = '10.0.0.0/16') => ({
    node: 'n1',
    pools: [{ pool: { cidr: cidr(network) }, ipipMode: 'Never', vxlanMode: 'Never', ...modes }],
    felixConfigurations: new Map(Object.entries(felix)),
  });
  test.each([
    ['is the smallest of the machine’s', {}, {}, 1_500],
    ['leaves room for VXLAN', { vxlanMode: 'Always' }, {}, 1_450],
    ['leaves room for IPIP', { ipipMode: 'CrossSubnet' }, {}, 1_480],
    ['is FelixConfiguration’s', { vxlanMode: 'Always' }, { default: { vxlanMTU: 1_300 } }, 1_300],
    [
      'is first this node’s',
      { vxlanMode: 'Always' },
      { default: { vxlanMTU: 1_300 }, 'node.n1': { vxlanMTU: 1_350 } },
      1_350,
    ],
    ['is that of other interfaces', {}, { default: { mtuIfacePattern: '^docker' } }, 1_400],
    ['is a guess without such interfaces', {}, { default: { mtuIfacePattern: '^x' } }, 1_460],
  ])('%s', (_, modes, felix, mtu) => {
    expect(podMtu(LINKS, state(modes, felix) as never)).toBe(mtu);
  });
  test('leaves room for VXLAN over IPv6', () => {
    expect(podMtu(LINKS, state({ vxlanMode: 'Always' }, {}, 'fd00::/48') as never)).toBe(1_430);
  });
});
