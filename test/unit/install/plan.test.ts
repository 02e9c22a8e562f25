import { describe, expect, test } from 'vitest';
import { brief, CONTAINER, file, NODE, nothing, plan, sum, textFile } from './here.ts';

const BIN = '/opt/cni/bin';
const NET = '/etc/cni/net.d';
const CONF = `${NET}/10-calico.conflist`;
const SETTLED = [
  {
    path: BIN,
    state: 'writable',
    files: ['calico', 'calico-ipam', 'calico-install'].map((name) => file(`${BIN}/${name}`, 'OWN', '1')),
  },
] as const;
const LIST = '{"name":"n","plugins":[{"type":"calico","etcd_endpoints":"http://a"}]}';

describe('an installation', () => {
  test('on a bare node puts one file under three names, then the configuration, between two records', () => {
    const { steps, notes } = plan();
    expect(brief(steps)).toEqual([
      `copy ${BIN}/calico`,
      `link ${BIN}/calico-ipam`,
      `link ${BIN}/calico-install`,
      `write ${CONF}`,
    ]);
    expect(steps[0]).toEqual({ ...steps.at(-1) });
    expect(steps.at(-1)).toMatchObject({ do: 'write', path: `${NET}/calico-installed`, mode: 0o600 });
    expect(notes).toEqual([
      `the network configuration names the plugin portmap, which is not in ${BIN}`,
      `${NET}/calico-kubeconfig is not there: without a pod's service account it is not written`,
    ]);
  });

  test('finds nothing to do the second time, and writes no record', () => {
    const { steps } = plan({ executables: SETTLED, net: [textFile(CONF, LIST)] });
    expect(steps.map((step) => step.do)).toEqual(['leave', 'leave', 'leave', 'leave']);
  });

  test('puts names that are files of their own together', () => {
    const files = ['calico', 'calico-ipam'].map((name) => file(`${BIN}/${name}`, 'OWN'));
    expect(brief(plan({ executables: [{ path: BIN, state: 'writable', files }] }).steps)).toEqual([
      `leave ${BIN}/calico`,
      `link ${BIN}/calico-ipam`,
      `link ${BIN}/calico-install`,
      `write ${CONF}`,
    ]);
  });

  test('records, while it is under way, the old content and the new one of what it replaces', () => {
    const record = { 'executables/calico': ['OLD'] };
    const { steps } = plan({ record });
    const saved = [steps[0], steps.at(-1)].map((step) =>
      step?.do === 'write' ? JSON.parse(step.text).files : undefined,
    );
    expect(saved.map((files) => files['executables/calico'])).toEqual([['OLD', 'OWN'], ['OWN']]);
  });

  test('keeps a node’s own configuration, and takes a template when one is given', () => {
    const net = [textFile(CONF, LIST)];
    expect(brief(plan({ net }).steps)).toContain(`leave ${CONF}`);
    expect(brief(plan({ net }, { template: LIST.replace('"n"', '"m"') }).steps)).toContain(`write ${CONF}`);
    expect(
      brief(plan({ net }, { settings: CONTAINER, survey: nothing({ executables: SETTLED, net }) }).steps),
    ).toContain('write /host/etc/cni/net.d/10-calico.conflist');
  });

  test('refuses before any work what the plugin would refuse for every pod', () => {
    const broken = LIST.replace('"etcd_endpoints":"http://a"', '"datastore_type":"kubernetes"');
    expect(() => plan({ net: [textFile(CONF, broken)] })).toThrow('CNI config has datastore_type kubernetes');
    expect(() => plan({}, { env: {} })).toThrow('CNI config has datastore_type kubernetes');
  });

  test('quotes no secret', () => {
    const template = '{"name": __SERVICEACCOUNT_TOKEN__}';
    const thrown = () => plan({}, { template, podToken: 'topsecret' });
    expect(thrown).toThrow('CNI config is not valid JSON');
    expect(thrown).not.toThrow('topsecret');
    const { steps } = plan(
      {},
      { template: `{"name":"__SERVICEACCOUNT_TOKEN__","type":"calico"}`, podToken: 'topsecret' },
    );
    expect(steps.find(({ path }) => path === CONF)).toMatchObject({ text: '{"name":"topsecret","type":"calico"}' });
  });

  test('removes the configuration’s old name after the new one is there', () => {
    const settings = { ...NODE, confName: '05-calico.conflist' };
    const { steps } = plan({ net: [textFile(CONF, LIST)] }, { settings });
    expect(brief(steps).slice(-2)).toEqual([`write ${NET}/05-calico.conflist`, `remove ${CONF}`]);
  });
});

describe('executables', () => {
  const REFUSED = 'no folder to put the executables into';

  test('go into each folder that can be written to', () => {
    const executables = [
      { path: '/a', state: 'readonly', files: [] },
      { path: '/b', state: 'writable', files: [] },
    ] as const;
    const { steps, notes } = plan({ executables });
    expect(brief(steps).slice(0, 3)).toEqual(['copy /b/calico', 'link /b/calico-ipam', 'link /b/calico-install']);
    expect(notes).toContain('/a cannot be written to: calico, calico-ipam, calico-install not installed there');
  });

  test('without any such folder are an error, unless both plugins are there as they shall be', () => {
    expect(() => plan({ executables: [{ path: BIN, state: 'readonly', files: [] }] })).toThrow(REFUSED);
    const [folder] = SETTLED;
    expect(brief(plan({ executables: [{ ...folder, state: 'readonly' }] }).steps)).toContain(`leave ${BIN}/calico`);
    const old = ['calico', 'calico-ipam'].map((name) => file(`${BIN}/${name}`, 'OLD'));
    const readonly = { executables: [{ path: BIN, state: 'readonly', files: old }] } as const;
    expect(() => plan(readonly)).toThrow(REFUSED);
    expect(brief(plan(readonly, { settings: { ...NODE, update: false } }).steps)).toContain(`leave ${BIN}/calico`);
  });

  test('in a container never make the folder that was not mounted', () => {
    const executables = [{ path: '/host/opt/cni/bin', state: 'absent', files: [] }] as const;
    expect(() => plan({ executables }, { settings: CONTAINER })).toThrow(REFUSED);
    expect(brief(plan({ executables }).steps)).toContain('copy /host/opt/cni/bin/calico');
  });

  test('of others come along, never under our names', () => {
    const plugins = [file('/image/portmap', 'PORTMAP'), file('/image/tuning', 'TUNING')];
    const files = [file(`${BIN}/tuning`, 'TUNING')];
    const { steps } = plan({ plugins, executables: [{ path: BIN, state: 'writable', files }] });
    expect(brief(steps).slice(3, 5)).toEqual([`copy ${BIN}/portmap`, `leave ${BIN}/tuning`]);
  });
});

describe('certificates', () => {
  const tls = [textFile(`${NET}/calico-tls/etcd-ca`, 'OLD'), textFile(`${NET}/calico-tls/etcd-key`, 'OLD')];

  test('are made what they shall be, the stale ones removed', () => {
    const certificates = [textFile('/calico-secrets/etcd-ca', 'NEW')];
    expect(brief(plan({ tls, certificates }).steps).slice(0, 2)).toEqual([
      `write ${NET}/calico-tls/etcd-ca`,
      `remove ${NET}/calico-tls/etcd-key`,
    ]);
  });

  test('that nobody gives stay on a node, and go in a container', () => {
    expect(brief(plan({ tls }).steps).join()).not.toContain('calico-tls');
    const removed = brief(plan({ tls, executables: SETTLED }, { settings: CONTAINER }).steps);
    expect(removed.slice(0, 2)).toEqual(tls.map(({ path }) => `remove ${path}`));
  });
});

test('the kubeconfig counts as ours whatever token others renew in it', () => {
  const credentials = { server: 'https://a', ca: '', insecure: false, token: 'abc' };
  const { steps } = plan({}, { credentials });
  expect(brief(steps)).toContain(`write ${NET}/calico-kubeconfig`);
  const last = steps.at(-1);
  expect(last?.do === 'write' && JSON.parse(last.text).files).toMatchObject({
    'net/calico-kubeconfig': ['*'],
    'net/10-calico.conflist': [
      sum(steps.flatMap((step) => (step.path === CONF && step.do === 'write' ? step.text : [])).join()),
    ],
  });
});
