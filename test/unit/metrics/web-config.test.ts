import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readWebConfig } from '../../../ctl/metrics/web-config.ts';

const HASH = '$2y$10$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze';
const named = (path: string) => `<${path}>`;
const read = (yaml: string) => readWebConfig('web.yml', parse(yaml), named);
const TLS = 'cert_file: a.crt, key_file: a.key';

describe('a web-config', () => {
  test('may be empty', () => expect(read('')).toEqual({ tls: undefined, users: {}, headers: {} }));

  test('names files, users and headers', () => {
    expect(
      read(
        `tls_server_config: { ${TLS} }\nbasic_auth_users: { alice: ${HASH} }\nhttp_server_config: { http2: false, headers: { X-Frame-Options: deny } }`,
      ),
    ).toEqual({
      tls: { protocols: ['http/1.1'], cert: '<a.crt>', key: '<a.key>' },
      users: { alice: HASH },
      headers: { 'X-Frame-Options': 'deny' },
    });
  });

  test('may hold certificate and key itself', () => {
    expect(
      read('tls_server_config: { cert: C, key: K, client_ca: A, client_auth_type: VerifyClientCertIfGiven }').tls,
    ).toEqual({
      protocols: ['http/1.1'],
      cert: 'C',
      key: 'K',
      clientCa: 'A',
      clientOptional: true,
    });
  });

  test('limits versions and cipher suites; those of TLS 1.3 are always on', () => {
    const { tls } = read(
      `tls_server_config: { ${TLS}, min_version: TLS12, max_version: TLS12, cipher_suites: [TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305, TLS_AES_128_GCM_SHA256] }`,
    );
    expect(tls).toMatchObject({ maxVersion: 'TLSv1.2' });
    expect(tls?.minVersion).toBeUndefined();
    expect(tls?.ciphers).toEqual([
      'TLS_AES_128_GCM_SHA256',
      'TLS_AES_256_GCM_SHA384',
      'TLS_CHACHA20_POLY1305_SHA256',
      'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256',
    ]);
  });

  test.each([
    ['- a', 'web.yml: error with field'],
    ['tls_config: {}', 'tls_config'],
    ['rate_limit: { interval: 1s }', 'rate_limit'],
    ['tls_server_config: { certfile: a }', 'tls_server_config.certfile'],
    ['tls_server_config: { cert_file: a }', 'web.yml: missing key or key_file'],
    ['tls_server_config: {}', 'web.yml: missing cert or cert_file'],
    [`tls_server_config: { ${TLS}, cert: x }`, 'web.yml: cert and cert_file are both set'],
    [`tls_server_config: { ${TLS}, client_ca_file: x }`, 'web.yml: client_ca without client_auth_type'],
    [`tls_server_config: { ${TLS}, client_auth_type: RequireAnyClientCert }`, 'it does not verify the certificate'],
    [
      `tls_server_config: { ${TLS}, client_auth_type: RequireAndVerifyClientCert }`,
      'needs client_ca or client_ca_file',
    ],
    [`tls_server_config: { ${TLS}, client_auth_type: Some }`, 'client_auth_type'],
    [`tls_server_config: { ${TLS}, min_version: TLS14 }`, 'min_version'],
    [
      'basic_auth_users: { alice: secret }',
      'web.yml: basic_auth_users.alice is no bcrypt hash with a cost from 4 to 14',
    ],
    [`basic_auth_users: { alice: ${HASH.replace('$10$', '$31$')} }`, 'no bcrypt hash with a cost from 4 to 14'],
    [`basic_auth_users: { "a:b": ${HASH} }`, 'has a colon in its name'],
    ['http_server_config: { headers: { Set-Cookie: x } }', 'Set-Cookie'],
  ])('is refused: %s', (yaml, says) => expect(() => read(yaml)).toThrow(says));

  test('is refused without its password', () => {
    let said = '';
    try {
      read('basic_auth_users: { alice: topsecret }');
    } catch (thrown) {
      said = thrown instanceof Error ? thrown.message : '';
    }
    expect(said).toContain('alice');
    expect(said).not.toContain('topsecret');
  });
});
