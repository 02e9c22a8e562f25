import { describe, expect, test } from 'vitest';
import type { Survey } from '../../../ctl/install/findings.ts';
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
const LIST = JSON.stringify({
  name: 'n',
  plugins: [{ type: 'calico', etcd_endpoints: 'http://a:1', nodename: 'n', ipam: { type: 'calico-ipam' } }],
});
const PEM = '-----BEGIN CERTIFICATE-----';

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
    expect(notes).toEqual([]);
  });

  test('does nothing the second time, and writes no record', () => {
    const record = Object.fromEntries(SETTLED[0].files.map(({ name }) => [`executables/${name}`, ['OWN']]));
    const { steps } = plan({ executables: SETTLED, net: [textFile(CONF, LIST)], record });
    expect(steps.map((step) => step.do)).toEqual(['leave', 'leave', 'leave', 'leave']);
  });

  test('records a file that was installed by hand exactly as it would be, and no other', () => {
    const tls = ['etcd-ca', 'etcd-key', 'etcd-cert'].map((name) => textFile(`${NET}/calico-tls/${name}`, PEM));
    const certificates = tls.map(({ name }) => textFile(`/calico-secrets/${name}`, PEM));
    const { steps } = plan({ executables: SETTLED, net: [textFile(CONF, LIST)], tls, certificates });
    expect(brief(steps).filter((step) => !step.startsWith('leave'))).toEqual([]);
    const last = steps.at(-1);
    expect(last?.do === 'write' && JSON.parse(last.text).files).toEqual({
      'executables/calico': ['OWN'],
      'executables/calico-install': ['OWN'],
      'executables/calico-ipam': ['OWN'],
      'net/calico-tls/etcd-ca': ['*'],
      'net/calico-tls/etcd-cert': ['*'],
      'net/calico-tls/etcd-key': ['*'],
    });
  });

  test('replaces separate files by links to one', () => {
    const files = ['calico', 'calico-ipam'].map((name) => file(`${BIN}/${name}`, 'OWN'));
    expect(brief(plan({ executables: [{ path: BIN, state: 'writable', files }] }).steps)).toEqual([
      `leave ${BIN}/calico`,
      `link ${BIN}/calico-ipam`,
      `link ${BIN}/calico-install`,
      `write ${CONF}`,
    ]);
  });

  test('records, while it runs, the old and the new content of what it replaces', () => {
    const record = { 'executables/calico': ['OLD'] };
    const { steps } = plan({ record });
    const saved = [steps[0], steps.at(-1)].map((step) =>
      step?.do === 'write' ? JSON.parse(step.text).files : undefined,
    );
    expect(saved.map((files) => files['executables/calico'])).toEqual([['OLD', 'OWN'], ['OWN']]);
  });

  test('advises against the plugin bandwidth behind calico, and not against portmap', () => {
    const notes = (type: string) => plan({}, { template: LIST.replace(']', `,{"type":"${type}"}]`) }).notes.join('\n');
    expect(notes('bandwidth')).toContain('remove the plugin bandwidth from the list');
    expect(notes('portmap')).not.toContain('bandwidth');
  });

  test('keeps a node’s own configuration, unless a template is given', () => {
    const net = [textFile(CONF, LIST)];
    expect(brief(plan({ net }).steps)).toContain(`leave ${CONF}`);
    expect(brief(plan({ net }, { template: LIST.replace('"n"', '"m"') }).steps)).toContain(`write ${CONF}`);
    expect(
      brief(plan({ net }, { settings: CONTAINER, survey: nothing({ executables: SETTLED, net }) }).steps),
    ).toContain('write /host/etc/cni/net.d/10-calico.conflist');
  });

  test('refuses before any work what the plugin would refuse for every pod', () => {
    const broken = LIST.replace('"etcd_endpoints":"http://a:1"', '"datastore_type":"kubernetes"');
    expect(() => plan({ net: [textFile(CONF, broken)] })).toThrow('plugins[0] (calico): policy.type must be k8s');
    expect(() => plan({}, { env: {} })).toThrow('no etcd endpoints are set');
    expect(() => plan({}, { template: '{"name":"n","type":"calico","nodename":"N"}' })).toThrow('calico: ipam.type');
    expect(() => plan({ hostname: 'my_host' })).toThrow('the host’s name is "my_host"');
  });

  test('quotes no secret', () => {
    const template = '{"name": __SERVICEACCOUNT_TOKEN__}';
    const thrown = () => plan({}, { template, podToken: 'topsecret' });
    expect(thrown).toThrow('CNI config is not valid JSON');
    expect(thrown).not.toThrow('topsecret');
    const { steps } = plan({}, { template: LIST.replace('"n"', '"__SERVICEACCOUNT_TOKEN__"'), podToken: 'topsecret' });
    expect(steps.find(({ path }) => path === CONF)).toMatchObject({ text: LIST.replace('"n"', '"topsecret"') });
  });

  test('removes the configuration’s old name after the new one is there', () => {
    const settings = { ...NODE, confName: '05-calico.conflist' };
    const { steps } = plan({ net: [textFile(CONF, LIST)] }, { settings });
    expect(brief(steps).slice(-2)).toEqual([`write ${NET}/05-calico.conflist`, `remove ${CONF}`]);
  });
});

describe('executables', () => {
  const REFUSED = 'no folder to put the executables into';

  test('go into each writable folder', () => {
    const executables = [
      { path: '/a', state: 'readonly', files: [] },
      { path: '/b', state: 'writable', files: [] },
    ] as const;
    const { steps, notes } = plan({ executables });
    expect(brief(steps).slice(0, 3)).toEqual(['copy /b/calico', 'link /b/calico-ipam', 'link /b/calico-install']);
    expect(notes).toContain('/a cannot be written to: calico, calico-ipam, calico-install not installed there');
  });

  test('of another installer are replaced, with a note that it may put them back', () => {
    const executables = [{ path: BIN, state: 'writable', files: [file(`${BIN}/calico`, 'THEIRS')] }] as const;
    const replaced = (record: Survey['record']) => plan({ executables, record }).notes.join();
    expect(replaced({})).toMatch(/^\/opt\/cni\/bin\/calico came from another installer .*UPDATE_CNI_BINARIES=false/);
    expect(replaced({ 'executables/calico': ['OLD'] })).toBe('');
  });

  test('without a writable folder are an error, unless both plugins are already up to date', () => {
    expect(() => plan({ executables: [{ path: BIN, state: 'readonly', files: [] }] })).toThrow(REFUSED);
    const [folder] = SETTLED;
    expect(brief(plan({ executables: [{ ...folder, state: 'readonly' }] }).steps)).toContain(`leave ${BIN}/calico`);
    const old = ['calico', 'calico-ipam'].map((name) => file(`${BIN}/${name}`, 'OLD'));
    const readonly = { executables: [{ path: BIN, state: 'readonly', files: old }] } as const;
    expect(() => plan(readonly)).toThrow(REFUSED);
    expect(brief(plan(readonly, { settings: { ...NODE, update: false } }).steps)).toContain(`leave ${BIN}/calico`);
  });

  test('in a container never create a folder that was not mounted', () => {
    const executables = [{ path: '/host/opt/cni/bin', state: 'absent', files: [] }] as const;
    expect(() => plan({ executables }, { settings: CONTAINER })).toThrow(REFUSED);
    expect(brief(plan({ executables }).steps)).toContain('copy /host/opt/cni/bin/calico');
  });

  test('of others are installed too, never under our names', () => {
    const plugins = [file('/image/portmap', 'PORTMAP'), file('/image/tuning', 'TUNING')];
    const files = [file(`${BIN}/tuning`, 'TUNING')];
    const { steps } = plan({ plugins, executables: [{ path: BIN, state: 'writable', files }] });
    expect(brief(steps).slice(3, 5)).toEqual([`copy ${BIN}/portmap`, `leave ${BIN}/tuning`]);
  });
});

describe('certificates', () => {
  const tls = ['etcd-ca', 'etcd-cert', 'etcd-key'].map((name) => textFile(`${NET}/calico-tls/${name}`, `${PEM} old`));

  test('are updated, and stale ones removed', () => {
    const certificates = [textFile('/calico-secrets/etcd-ca', PEM)];
    expect(brief(plan({ tls, certificates }).steps).slice(0, 3)).toEqual([
      `write ${NET}/calico-tls/etcd-ca`,
      `remove ${NET}/calico-tls/etcd-cert`,
      `remove ${NET}/calico-tls/etcd-key`,
    ]);
  });

  test('without PEM data are refused, naming the file', () => {
    const certificates = [textFile('/calico-secrets/etcd-ca', 'DER')];
    expect(() => plan({ certificates })).toThrow('/calico-secrets/etcd-ca holds no PEM data');
  });

  test('that are missing although etcd uses TLS are requested', () => {
    const env = { ETCD_ENDPOINTS: 'https://10.0.0.1:2379' };
    expect(() => plan({}, { env })).toThrow('etcd at https://10.0.0.1:2379 uses TLS but there is no certificate');
    expect(() => plan({}, { env, settings: CONTAINER })).toThrow('uses TLS but there is no certificate for it');
    expect(brief(plan({ tls }, { env }).steps)).toContain(`write ${CONF}`);
    const [, ...pair] = tls;
    expect(() => plan({ tls: pair.slice(0, 1) }, { env })).toThrow('etcd_cert_file is given and etcd_key_file is not');
    expect(plan({ tls: pair }, { env }).notes.join()).toContain('no etcd_ca_cert_file is given');
    expect(brief(plan({ net: [textFile(CONF, LIST.replace('http:', 'https:'))] }).steps)).toContain(`leave ${CONF}`);
  });

  test('that are not given stay on a node, and are removed in a container', () => {
    expect(brief(plan({ tls }).steps).join()).not.toContain('calico-tls');
    const removed = brief(plan({ tls, executables: SETTLED }, { settings: CONTAINER }).steps);
    expect(removed.slice(0, 3)).toEqual(tls.map(({ path }) => `remove ${path}`));
  });
});

test('the kubeconfig counts as ours, whatever token others write into it', () => {
  const credentials = { server: 'https://a', ca: '', insecure: false, token: 'abc' };
  const { steps } = plan({}, { credentials });
  expect(brief(steps)).toContain(`write ${NET}/calico-kubeconfig`);
  const last = steps.at(-1);
  const conf = sum(steps.flatMap((step) => (step.path === CONF && step.do === 'write' ? step.text : [])).join());
  expect(last?.do === 'write' && JSON.parse(last.text).files).toMatchObject({
    'net/calico-kubeconfig': ['*'],
    'net/10-calico.conflist': [conf, `built-in:${conf}`],
  });
});
