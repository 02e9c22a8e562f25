import { describe, expect, test } from 'vitest';
import type { Survey } from '../../../ctl/install/findings.ts';
import { parseRecord } from '../../../ctl/install/record.ts';
import { removalPlan } from '../../../ctl/install/removal-plan.ts';
import { brief, file, NODE, nothing, plan, textFile } from './here.ts';

const notes = (survey: Partial<Survey>) => plan(survey).notes.join('\n');

describe('other software on the node:', () => {
  const OURS = '/etc/NetworkManager/conf.d/calico.conf';

  test('NetworkManager is configured once to ignore our interfaces, with advice on how to reload it', () => {
    const { steps, notes: shown } = plan({ hasNetworkManager: true });
    const [step] = steps.filter(({ path }) => path === OURS);
    expect(step).toMatchObject({ do: 'write', mode: 0o644 });
    const text = step?.do === 'write' ? step.text : '';
    expect(text).toMatch(
      /^\[keyfile\]\nunmanaged-devices\+=.*interface-name:cali\*;interface-name:tunl\*;.*vxlan\.calico/m,
    );
    expect(shown.join()).toContain('nmcli general reload');
    const networkManager = [textFile(OURS, text, 0o644)];
    const again = plan({ hasNetworkManager: true, networkManager, record: { 'NetworkManager/calico.conf': ['X'] } });
    expect(brief(again.steps)).toContain(`leave ${OURS}`);
    expect(again.notes.join()).not.toContain('nmcli');
  });

  test.each([
    ['a foreign file of that name', OURS],
    ['another file that already does so', '/etc/NetworkManager/conf.d/90-cni.conf'],
  ])('%s is left alone', (_, path) => {
    const networkManager = [textFile(path, '[keyfile]\nunmanaged-devices=interface-name:cali*\n')];
    expect(brief(plan({ hasNetworkManager: true, networkManager }).steps)).toContain(`leave ${OURS}`);
  });

  test('systemd-networkd is mentioned if it runs, unless it keeps foreign routes', () => {
    expect(notes({ networkd: '[Network]\n#ManageForeignRoutes=no\n' })).toContain('ManageForeignRoutes=no');
    expect(notes({ networkd: '[Network]\nManageForeignRoutes = no\n' })).not.toContain('networkd');
    expect(notes({})).not.toContain('networkd');
  });

  test('leftovers of other plugins are named', () => {
    const shown = notes({ interfaces: ['lo', 'flannel.1', 'cni0', 'cali0123456789a'] });
    expect(shown).toContain('the link flannel.1 belongs to flannel');
    expect(shown).toContain('the link cni0 belongs to');
    expect(shown).not.toContain('cali0');
  });

  test('only configurations that a runtime would use first are named', () => {
    const names = ['05-weave.conf', '00-multus.conflist', '10-flannel.conflist', '05-notes.txt', '.05-x.conflist.swp'];
    const shown = notes({ net: names.map((name) => textFile(`/etc/cni/net.d/${name}`, '{}')) });
    expect(shown.match(/instead of/g)).toHaveLength(2);
    expect(shown).toContain('/etc/cni/net.d/05-weave.conf instead of 10-calico.conflist');
  });
});

describe('a removal', () => {
  const record = {
    'executables/calico': ['OWN'],
    'executables/portmap': ['PORTMAP'],
    'net/10-calico.conflist': [textFile('', 'LIST').sha256],
    'net/calico-kubeconfig': ['*'],
    'net/calico-tls/etcd-ca': ['*'],
  };
  const installed = nothing({
    record,
    executables: [
      {
        path: '/opt/cni/bin',
        state: 'writable',
        files: ['calico', 'portmap', 'host-local'].map((name) => file(`/opt/cni/bin/${name}`, 'OWN')),
      },
    ],
    net: ['10-calico.conflist', 'calico-kubeconfig', '20-other.conflist'].map((name) =>
      textFile(`/etc/cni/net.d/${name}`, 'LIST'),
    ),
    tls: [textFile('/etc/cni/net.d/calico-tls/etcd-ca', 'PEM')],
  });

  test('removes what is unchanged: configuration first, executables late, the record last', () => {
    expect(removalPlan(NODE, installed, false).steps.map((step) => `${step.do} ${step.path}`)).toEqual([
      'remove /etc/cni/net.d/10-calico.conflist',
      'remove /etc/cni/net.d/calico-kubeconfig',
      'remove /etc/cni/net.d/calico-tls/etcd-ca',
      'remove /opt/cni/bin/calico',
      'leave /opt/cni/bin/portmap',
      'removeFolder /etc/cni/net.d/calico-tls',
      'remove /etc/cni/net.d/calico-installed',
    ]);
  });

  test('leaves credentials that a configuration that stays still names', () => {
    const list = (kubeconfig: string) => `{"type":"calico","kubernetes":{"kubeconfig":"${kubeconfig}"}}`;
    const removed = (text: string) => {
      const net = installed.net.map((each) =>
        each.name === '10-calico.conflist' ? { ...textFile(each.path, text) } : each,
      );
      return brief(removalPlan(NODE, { ...installed, net }, false).steps);
    };
    const original = removed(list('/etc/cni/net.d/calico-kubeconfig'));
    expect(original).toContain('leave /etc/cni/net.d/10-calico.conflist');
    expect(original).toContain('leave /etc/cni/net.d/calico-kubeconfig');
    expect(original).toContain('remove /etc/cni/net.d/calico-tls/etcd-ca');
    expect(removed(list('/elsewhere'))).toContain('remove /etc/cni/net.d/calico-kubeconfig');
  });

  test('is refused while the journal has entries, unless forced', () => {
    const waiting = { ...installed, journalled: 2 };
    expect(() => removalPlan(NODE, waiting, false)).toThrow('2 releases wait in /var/lib/calico/cni-journal for etcd');
    expect(removalPlan(NODE, waiting, true).notes).toEqual(['2 releases in /var/lib/calico/cni-journal are discarded']);
  });

  test('names pods that are still running', () => {
    const alive = { ...installed, interfaces: ['cali0123456789a', 'calico', 'lo'] };
    expect(removalPlan(NODE, alive, false).notes.join()).toMatch(/^1 pod uses Calico here/);
  });

  test('without anything installed does nothing', () => {
    expect(removalPlan(NODE, nothing(), false)).toEqual({
      steps: [],
      notes: ['calico-install has installed nothing here: no /etc/cni/net.d/calico-installed'],
    });
  });

  test.each([
    ['without a record', {}, 8],
    ['besides what is recorded', { 'net/99-x.conf': ['X'] }, 8],
    ['except what is recorded', { 'executables/calico': ['OWN'], 'net/calico-tls/etcd-ca': ['*'] }, 6],
  ])('names everything that was installed by hand, and leaves it, %s', (_, recorded, count) => {
    const list = textFile('/etc/cni/net.d/10-calico.conflist', '{"plugins":[{"type":"calico"}]}');
    const given = nothing({
      record: recorded,
      net: [
        list,
        textFile('/etc/cni/net.d/20-macvlan.conf', '{"ipam":{"type": "calico-ipam"}}'),
        textFile('/etc/cni/net.d/30-other.conflist', '{"type":"bridge"}'),
        textFile('/etc/cni/net.d/calico-kubeconfig', 'x'),
      ],
      tls: [textFile('/etc/cni/net.d/calico-tls/etcd-ca', 'PEM')],
      networkManager: [textFile('/etc/NetworkManager/conf.d/calico.conf', 'x')],
      executables: [
        {
          path: '/opt/cni/bin',
          state: 'writable',
          files: ['calico', 'calico-ipam', 'calico-install', 'host-local'].map((name) =>
            file(`/opt/cni/bin/${name}`, 'OWN'),
          ),
        },
      ],
    });
    const left = removalPlan(NODE, given, false).steps.filter((step) => step.do === 'leave');
    expect(new Set(left.map(({ why }) => why))).toEqual(new Set(['not installed by calico-install']));
    expect(left).toHaveLength(count);
    expect(left.map(({ path }) => path)).toContain(list.path);
  });

  test.each([
    '{',
    '[]',
    'null',
    '{"files":null}',
    '{"files":{"net/../../x":["*"]}}',
    '{"files":{"elsewhere/x":["*"]}}',
    '{"files":{"net/x":"*"}}',
  ])('refuses a record such as %s', (text) => {
    expect(() => parseRecord(text, '/r')).toThrow('cannot read what was installed here: /r: ');
    expect(() => parseRecord(text, '/r')).not.toThrow(/destructure|null is not|undefined|of null/);
  });
});
