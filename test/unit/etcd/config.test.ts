import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { toCniError } from '../../../shared/cni/cni-error.ts';
import { readNetConf } from '../../../shared/cni/netconf-read.ts';
import { readEtcdConfig } from '../../../shared/etcd/config.ts';

type Env = Record<string, string>;
const read = (conf: object, env: Env = {}) =>
  readEtcdConfig(readNetConf(JSON.stringify({ name: 'net', type: 'calico', ...conf })), env);

function refusal(conf: object, env: Env = {}): { code: number; msg: string; details: string | undefined } {
  try {
    read(conf, env);
  } catch (thrown) {
    const { code, message, details } = toCniError(thrown);
    return { code, msg: message, details };
  }
  throw new Error('not rejected');
}

const A = 'http://a:2379';
const B = 'http://b:2379';
const C = 'http://c:2379';

describe('the endpoints', () => {
  test.each([
    ['the configuration', { etcd_endpoints: A }, {}, [A]],
    ['the environment', {}, { ETCD_ENDPOINTS: B }, [B]],
    ['the configuration before the environment', { etcd_endpoints: A }, { ETCD_ENDPOINTS: B }, [A]],
    ['a CALICO_ variable before both', { etcd_endpoints: A }, { ETCD_ENDPOINTS: B, CALICO_ETCD_ENDPOINTS: C }, [C]],
    ['the environment when the configuration is empty', { etcd_endpoints: '' }, { ETCD_ENDPOINTS: B }, [B]],
  ])('come from %s', (_, conf, env, endpoints) => {
    expect(read(conf, env).endpoints).toEqual(endpoints);
  });

  it('are split at commas, without blanks and empty entries', () => {
    expect(read({ etcd_endpoints: ` ${A}, ${B},,\t${C} ,` }).endpoints).toEqual([A, B, C]);
  });

  it('come from DNS when a domain is set', () => {
    const config = read({ etcd_discovery_srv: 'example.com', datastore_type: 'etcdv3' });
    expect([config.endpoints, config.discoverySrv]).toEqual([[], 'example.com']);
  });

  it('cannot be both listed and discovered', () => {
    expect(refusal({ etcd_endpoints: A }, { ETCD_DISCOVERY_SRV: 'example.com' })).toMatchObject({
      code: 999,
      msg: 'multiple discovery or bootstrap options specified, use either "etcdEndpoints" or "etcdDiscoverySrv"',
    });
  });

  test.each([[{}], [{ etcd_endpoints: ', ,' }]])('are missing in %j', (conf) => {
    expect(refusal({ datastore_type: 'etcdv3', ...conf })).toMatchObject({
      code: 999,
      msg: 'no etcd endpoints specified',
    });
  });
});

describe('the datastore', () => {
  test.each([
    ['etcdv3 when the configuration names it', { etcd_endpoints: A, datastore_type: 'etcdv3' }, {}],
    ['etcdv3 when none is named and there are endpoints', { etcd_endpoints: A }, {}],
    [
      'what a CALICO_ variable names',
      { etcd_endpoints: A, datastore_type: 'kubernetes' },
      { CALICO_DATASTORE_TYPE: 'etcdv3' },
    ],
    [
      'what the configuration names, not the environment',
      { etcd_endpoints: A, datastore_type: 'etcdv3' },
      { DATASTORE_TYPE: 'kubernetes' },
    ],
  ])('is %s', (_, conf, env) => {
    expect(read(conf, env).endpoints).toEqual([A]);
  });

  test.each([
    ['is named kubernetes', { datastore_type: 'kubernetes', etcd_endpoints: A }, {}],
    [
      'is named kubernetes by a CALICO_ variable',
      { datastore_type: 'etcdv3', etcd_endpoints: A },
      { CALICO_DATASTORE_TYPE: 'kubernetes' },
    ],
    ['is not named and there are no endpoints', {}, {}],
    [
      'is not named and an empty CALICO_ variable hides the endpoints',
      { etcd_endpoints: A },
      { CALICO_ETCD_ENDPOINTS: '' },
    ],
    ['is not named and there is only a discovery domain', { etcd_discovery_srv: 'example.com' }, {}],
  ])('is rejected when it %s, with the key and what to set', (_, conf, env) => {
    const { code, msg, details } = refusal(conf, env);
    expect(code).toBe(999);
    expect(msg).toMatch(/datastore_type/);
    expect(details).toMatch(/etcd.*"etcdv3".*etcd_endpoints/);
  });

  it('is not assumed to be kubernetes if the configuration does not say so: the error names what is missing', () => {
    expect(refusal({}).msg).toBe('no etcd endpoints: neither etcd_endpoints nor datastore_type is set');
    expect(refusal({ etcd_discovery_srv: 'example.com' }).msg).toBe(
      'datastore_type is not set, and etcd_discovery_srv alone does not make it etcdv3',
    );
  });

  it('is rejected when its type is unknown', () => {
    expect(refusal({ datastore_type: 'bogus', etcd_endpoints: A })).toMatchObject({
      msg: 'unknown datastore type: bogus',
    });
  });
});

describe('the user', () => {
  test.each([
    ['both', { ETCD_USERNAME: 'u', ETCD_PASSWORD: 'p' }, { name: 'u', password: 'p' }],
    [
      'both with CALICO_',
      { CALICO_ETCD_USERNAME: 'u', CALICO_ETCD_PASSWORD: 'p', ETCD_USERNAME: 'x' },
      { name: 'u', password: 'p' },
    ],
    ['only a name', { ETCD_USERNAME: 'u' }, undefined],
    ['only a password', { ETCD_PASSWORD: 'p' }, undefined],
    ['an empty password', { ETCD_USERNAME: 'u', ETCD_PASSWORD: '' }, undefined],
  ])('is taken from the environment: %s', (_, env, user) => {
    expect(read({ etcd_endpoints: A }, env).user).toEqual(user);
  });
});

describe('TLS', () => {
  let folder = '';
  const file = (name: string) => join(folder, name);
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'etcd-config-'));
    for (const name of ['key', 'cert', 'ca']) writeFileSync(file(name), `-----BEGIN ${name}-----`);
    writeFileSync(file('empty'), '');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('reads the files named in configuration and environment', () => {
    const conf = { etcd_endpoints: A, etcd_key_file: file('key'), etcd_cert_file: file('cert') };
    expect(read(conf, { ETCD_CA_CERT_FILE: file('ca'), ETCD_KEY_FILE: '/nosuch' }).tls).toMatchObject({
      pair: { key: '-----BEGIN key-----', cert: '-----BEGIN cert-----' },
      ca: '-----BEGIN ca-----',
    });
    expect(read({ etcd_endpoints: A, etcd_ca_cert_file: file('ca') }).tls.pair).toBeUndefined();
  });

  test.each([
    [{ etcd_key_file: '/x' }, 'KeyFile and CertFile must both be present[key: /x, cert: ]'],
    [{ etcd_cert_file: '/x' }, 'KeyFile and CertFile must both be present[key: , cert: /x]'],
    [{ etcd_ca_cert_file: '/nosuch/ca' }, 'open /nosuch/ca: no such file or directory'],
    [{ etcd_key_file: '/nosuch/key', etcd_cert_file: '/nosuch/cert' }, 'open /nosuch/cert: no such file or directory'],
    [{ etcd_ca_cert_file: '/dev' }, 'read /dev: is a directory'],
    [{ etcd_ca_cert_file: '/dev/null/ca' }, 'open /dev/null/ca: not a directory'],
    [{ etcd_ca_cert_file: '/dev/null' }, 'tls: failed to find any PEM data in certificate input'],
  ])('rejects %j with the etcd client’s message', (conf, why) => {
    expect(refusal({ etcd_endpoints: A, ...conf })).toMatchObject({
      code: 999,
      msg: `could not initialize etcdv3 client: ${why}`,
    });
  });

  test.each([
    [{}, 'TLSv1.2'],
    [{ TLS_MIN_VERSION: '1.2' }, 'TLSv1.2'],
    [{ TLS_MIN_VERSION: '1.3' }, 'TLSv1.3'],
    [{ TLS_MIN_VERSION: '1.4' }, 'TLSv1.2'],
  ])('takes the minimum version from %j', (env, version) => {
    expect(read({ etcd_endpoints: A }, env).tls.minVersion).toBe(version);
  });

  it('takes cipher suites by their Go names, in addition to those of TLS 1.3', () => {
    const suites =
      'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,TLS_AES_128_GCM_SHA256';
    expect(read({ etcd_endpoints: A }, { TLS_CIPHER_SUITES: suites }).tls.ciphers).toEqual([
      'TLS_AES_256_GCM_SHA384',
      'TLS_CHACHA20_POLY1305_SHA256',
      'TLS_AES_128_GCM_SHA256',
      'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
      'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256',
    ]);
    expect(read({ etcd_endpoints: A }).tls.ciphers).toBeUndefined();
  });

  it('rejects a cipher suite that the original does not offer', () => {
    expect(refusal({ etcd_endpoints: A }, { TLS_CIPHER_SUITES: 'TLS_AES_128_GCM_SHA256,RC4' }).msg).toMatch(
      /unsupported cipher: RC4$/,
    );
  });

  it('rejects a cipher suite of the original that cannot be had here, and says which there are', () => {
    const refused = refusal({ etcd_endpoints: A }, { TLS_CIPHER_SUITES: 'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA' });
    expect(refused.msg).toMatch(/unsupported cipher: TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA$/);
    expect(refused.details).toMatch(/TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256/);
  });
});
