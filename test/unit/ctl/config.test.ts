import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_CONFIG, readConfig as readTarget } from '../../../ctl/command-line/config.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ctl-config-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The etcd that the settings name. Throws for another datastore. */
function readConfig(file: string, env: Record<string, string>) {
  const target = readTarget(file, env);
  if (target.type !== 'etcdv3') throw new Error(`the type is ${target.type}`);
  return target.etcd;
}

/** The settings of a CalicoAPIConfig file with these lines in its spec. */
function fromFile(
  spec: string,
  env: Record<string, string> = {},
  head = 'apiVersion: projectcalico.org/v3\nkind: CalicoAPIConfig\n',
) {
  const file = join(folder, 'calicoctl.cfg');
  writeFileSync(file, `${head}metadata:\nspec:\n${spec.replaceAll(/^/gm, '  ')}\n`);
  return readConfig(file, env);
}

const refused = (message: string | RegExp) => expect.objectContaining({ message: expect.stringMatching(message) });
const exactly = (text: string) => new RegExp(`^${text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`);
const PEM = '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n';

describe('from the environment', () => {
  test('a CALICO_ variable beats the plain one', () => {
    const env = { ETCD_ENDPOINTS: 'http://a:1', CALICO_ETCD_ENDPOINTS: 'http://b:1,http://c:1' };
    expect(readConfig(DEFAULT_CONFIG, env).endpoints).toEqual(['http://b:1', 'http://c:1']);
  });

  test('user and password count only together', () => {
    const env = { ETCD_ENDPOINTS: 'http://a:1', ETCD_USERNAME: 'u' };
    expect(readConfig(DEFAULT_CONFIG, env).user).toBeUndefined();
    expect(readConfig(DEFAULT_CONFIG, { ...env, ETCD_PASSWORD: 'p' }).user).toEqual({ name: 'u', password: 'p' });
  });

  test.each([
    [{ DATASTORE_TYPE: 'bogus' }, 'unknown datastore type: bogus'],
    [{ DATASTORE_TYPE: 'etcdv3' }, 'no etcd endpoints specified'],
    [
      { ETCD_ENDPOINTS: 'http://a:1', ETCD_CERT_FILE: '/x' },
      'could not initialize etcdv3 client: KeyFile and CertFile must both be present[key: , cert: /x]',
    ],
    [
      { ETCD_ENDPOINTS: 'http://a:1', ETCD_CA_CERT_FILE: '/nosuch' },
      'could not initialize etcdv3 client: open /nosuch: no such file or directory',
    ],
    [
      { ETCD_ENDPOINTS: 'http://a:1', ETCD_DISCOVERY_SRV: 'x' },
      'multiple discovery or bootstrap options specified, use either "etcdEndpoints" or "etcdDiscoverySrv"',
    ],
  ])('%j is refused', (env, message) => {
    expect(() => readConfig(DEFAULT_CONFIG, env)).toThrow(refused(exactly(message)));
  });
});

describe('from a file', () => {
  test('the environment is ignored', () => {
    const env = { CALICO_ETCD_ENDPOINTS: 'http://b:1', ETCD_USERNAME: 'u', ETCD_PASSWORD: 'p' };
    const config = fromFile('datastoreType: etcdv3\netcdEndpoints: http://a:1', env);
    expect(config.endpoints).toEqual(['http://a:1']);
    expect(config.user).toBeUndefined();
  });

  test('it may contain user, password and certificates', () => {
    const pem = JSON.stringify(PEM);
    const lines = ['etcdEndpoints: https://a:1', 'etcdUsername: u', 'etcdPassword: p', `etcdCACert: ${pem}`];
    const config = fromFile([...lines, `etcdKey: ${pem}`, `etcdCert: ${pem}`].join('\n'));
    expect(config.user).toEqual({ name: 'u', password: 'p' });
    expect(config.tls).toMatchObject({ ca: PEM, pair: { cert: PEM, key: PEM } });
  });

  test.each([
    [
      'etcdEndpoints: http://a:1\netcdCert: x\netcdKeyFile: /y',
      'Cannot mix inline certificate-key and certificate / key files',
    ],
    [
      'etcdEndpoints: http://a:1\netcdCert: x',
      'could not initialize etcdv3 client: Certificate and Key must both be present inline.',
    ],
    ['datastoreType: bogus', 'unknown datastore type: bogus'],
  ])('%j is refused', (spec, message) => {
    expect(() => fromFile(spec)).toThrow(refused(exactly(message)));
  });

  test.each([
    [
      'etcdEndpoint: http://a:1',
      /syntax error in \S+calicoctl\.cfg: failed to parse config as YAML\/JSON: unknown field "spec\.etcdEndpoint"$/,
    ],
    ['etcdEndpoints: [http://a:1]', /spec\.etcdEndpoints must be a string$/],
  ])('%j is refused, naming the file', (spec, message) => {
    expect(() => fromFile(spec)).toThrow(refused(message));
  });

  test.each([
    ['apiVersion: v1\nkind: CalicoAPIConfig\n', /invalid config file: unknown APIVersion 'v1'$/],
    [
      'apiVersion: projectcalico.org/v3\nkind: Config\n',
      /invalid config file: expected kind 'CalicoAPIConfig', got 'Config'$/,
    ],
  ])('with the head %j is refused', (head, message) => {
    expect(() => fromFile('etcdEndpoints: http://a:1', {}, head)).toThrow(refused(message));
  });

  const KEYS = [
    'datastoreType',
    'etcdEndpoints',
    'etcdDiscoverySrv',
    'etcdUsername',
    'etcdPassword',
    'etcdKeyFile',
    'etcdCertFile',
    'etcdCACertFile',
    'etcdKey',
    'etcdCert',
    'etcdCACert',
    'kubeconfig',
    'k8sInsecureSkipTLSVerify',
  ];

  test.each(KEYS)('%s without a value, null or ~ is as good as missing', (key) => {
    const given = key === 'etcdEndpoints' ? 'datastoreType: etcdv3' : 'etcdEndpoints: http://a:1';
    const read = (spec: string) => {
      try {
        return fromFile(spec);
      } catch (thrown) {
        return String(thrown);
      }
    };
    for (const nothing of ['', ' null', ' ~', ' ""']) expect(read(`${given}\n${key}:${nothing}`)).toEqual(read(given));
  });

  test.each([...KEYS.slice(0, 11)])('%s of another type is refused, naming it', (key) => {
    const given = key === 'etcdEndpoints' ? 'datastoreType: etcdv3' : 'etcdEndpoints: http://a:1';
    for (const wrong of ['7', 'true', '[x]', '{x: y}'])
      expect(() => fromFile(`${given}\n${key}: ${wrong}`)).toThrow(
        refused(new RegExp(`calicoctl\\.cfg: spec\\.${key} must be a string$`)),
      );
  });

  test.each([
    ['spec:\n', 'the type is kubernetes'],
    ['spec: ~\nmetadata: ~\n', 'the type is kubernetes'],
    ['spec: [x]\n', /calicoctl\.cfg: spec must be an object$/],
    ['spec: x\n', /calicoctl\.cfg: spec must be an object$/],
  ])('with %j', (lines, message) => {
    const file = join(folder, 'calicoctl.cfg');
    writeFileSync(file, `apiVersion: projectcalico.org/v3\nkind: CalicoAPIConfig\n${lines}`);
    expect(() => readConfig(file, {})).toThrow(refused(message));
  });

  test.each([['null\n'], ['~'], [''], ['[]'], ['x'], ['7'], ['apiVersion:\nkind:\n']])(
    'that holds %j has no version',
    (text) => {
      const file = join(folder, 'calicoctl.cfg');
      writeFileSync(file, text);
      expect(() => readConfig(file, {})).toThrow(
        refused(/calicoctl\.cfg: invalid config file: unknown APIVersion ''$/),
      );
    },
  );

  test('nested too deeply is refused with a message', () => {
    const file = join(folder, 'calicoctl.cfg');
    writeFileSync(file, '['.repeat(30_000));
    expect(() => readConfig(file, {})).toThrow(refused(/^error parsing \S+calicoctl\.cfg: nested too deeply$/));
  });

  test('that is named must exist', () => {
    expect(() => readConfig('/nosuch.cfg', {})).toThrow(refused(exactly('Error reading config file: /nosuch.cfg')));
  });
});
