// Which servers are refused, and with which words: those of the runtime before this one, measured on the same certificates.
// Several faults at once are reported in OpenSSL's order.

import { equal, test } from '../check.mjs';
import { local, pem, story } from './stage.mjs';

const EXPIRED = 'CERT_HAS_EXPIRED | certificate has expired';
const FUTURE = 'CERT_NOT_YET_VALID | certificate is not yet valid';
const PURPOSE = 'INVALID_PURPOSE | unsupported certificate purpose';
const UNKNOWN = 'UNABLE_TO_VERIFY_LEAF_SIGNATURE | unable to verify the first certificate';
const SELF = 'DEPTH_ZERO_SELF_SIGNED_CERT | self signed certificate';
const IN_CHAIN = 'SELF_SIGNED_CERT_IN_CHAIN | self signed certificate in certificate chain';
const ELSEWHERE = "ERR_TLS_CERT_ALTNAME_INVALID | Hostname/IP does not match certificate's altnames:";
const OTHER = `${ELSEWHERE} Host: localhost. is not in the cert's altnames: DNS:other.example`;
const COMMON =
  'ERR_TLS_CERT_ALTNAME_INVALID | the certificate has no subjectAltName for localhost: its Common Name is ignored; reissue it';
const notCn = (name) => `${ELSEWHERE} Host: localhost. is not cert's CN: ${name}`;
const SHORT =
  "CERT_SIGNATURE_FAILURE | the server's signature cannot be verified: its key is not that of its certificate, or is of a kind that is not supported (RSA below 2048 bits)";

const TABLE = {
  broken: 'CERT_SIGNATURE_FAILURE | certificate signature failure',
  'by-int': UNKNOWN,
  'by-int-old': UNKNOWN,
  'by-oi': UNKNOWN,
  'c-good-root': '',
  'c-int': '',
  'c-int-eku': PURPOSE,
  'c-int-names': 'PERMITTED_VIOLATION | permitted subtree violation',
  'c-int-noca': PURPOSE,
  'c-int-old': EXPIRED,
  'c-int-path': '',
  'c-int-root': '',
  'c-int-two': 'PATH_LENGTH_EXCEEDED | path length constraint exceeded',
  'c-int-wrongorder': '',
  'c-oi': 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY | unable to get local issuer certificate',
  'c-oi-root': IN_CHAIN,
  'c-stranger-root': IN_CHAIN,
  ca: notCn('ca'),
  cn: COMMON,
  critical: 'UNHANDLED_CRITICAL_EXTENSION | unhandled critical extension',
  ed: '',
  eku: PURPOSE,
  'eku-name': PURPOSE,
  expired: EXPIRED,
  'expired-eku': EXPIRED,
  'expired-name': EXPIRED,
  'expired-stranger': EXPIRED,
  future: FUTURE,
  'future-stranger': FUTURE,
  good: '',
  int: notCn('int'),
  'int-eku': PURPOSE,
  'int-old': EXPIRED,
  leafca: '',
  'leafca-stranger': UNKNOWN,
  name: OTHER,
  'old-ca': EXPIRED,
  'other-ca': SELF,
  p384: '',
  p521: 'ERR_SSL_ALERT_40 | the server ended TLS: handshake failure (alert 40)',
  rsa: '',
  rsa1024: SHORT,
  self: SELF,
  'self-eku': PURPOSE,
  'self-expired': EXPIRED,
  'self-name': SELF,
  'self-plain': SELF,
  selfca: SELF,
  stranger: UNKNOWN,
  'stranger-eku': UNKNOWN,
  'stranger-name': UNKNOWN,
  uri: `${ELSEWHERE} Host: localhost. is not in the cert's altnames: DNS:q.example`,
  v1: COMMON,
  'v1-stranger': UNKNOWN,
  wild: `${ELSEWHERE} Host: localhost. is not in the cert's altnames: DNS:*.good.example`,
};

const outcome = async (to, settings) => (await story(to, settings, { until: 'open' })).at(-1).replace('end ', '');
const settings = (ca, more = {}) => ({
  protocols: ['h2'],
  verify: true,
  serverName: 'localhost',
  ca: pem(`${ca}.pem`),
  ...more,
});
const expected = (words) => (words === '' ? 'open h2' : words);

for (const [name, words] of Object.entries(TABLE)) {
  test(`a server with the certificate ${name}`, async () => {
    equal(await outcome(local(name), settings('ca')), expected(words));
  });
}

test('a self-signed certificate is accepted exactly when it is one of those given', async () => {
  for (const name of ['self', 'selfca', 'self-plain']) {
    equal(await outcome(local(name), settings(name)), 'open h2');
    const both = { ca: pem('other-ca.pem') + pem(`${name}.pem`) };
    equal(await outcome(local(name), settings('ca', both)), 'open h2');
    equal(await outcome(local(name), settings(name === 'selfca' ? 'self' : 'selfca')), SELF);
  }
  equal(await outcome(local('self-name'), settings('self-name')), OTHER);
  equal(await outcome(local('self-eku'), settings('self-eku')), PURPOSE);
  equal(await outcome(local('self-expired'), settings('self-expired')), EXPIRED);
});

test('what may not vouch for others does not, even when it is given', async () => {
  equal(await outcome(local('by-int-noca'), settings('int-noca')), UNKNOWN);
  equal(await outcome(local('good'), settings('good')), UNKNOWN);
  equal(await outcome(local('by-int'), settings('int')), 'open h2');
});

test('an expired root vouches for nobody', async () => {
  equal(await outcome(local('under-old'), settings('old-ca')), EXPIRED);
});

test('a root of the same name and another key is not the issuer', async () => {
  equal(await outcome(local('good'), settings('twin-ca')), UNKNOWN);
  equal(await outcome(local('v1'), settings('twin-ca')), 'CERT_SIGNATURE_FAILURE | certificate signature failure');
  equal(await outcome(local('leafca'), settings('twin-ca')), UNKNOWN);
  const both = { ca: pem('twin-ca.pem') + pem('ca.pem') };
  equal(await outcome(local('good'), settings('ca', both)), 'open h2');
});

test('an address is looked for among the addresses only', async () => {
  const byAddress = (name, to) => outcome(to ?? local(name), settings('ca', { serverName: undefined }));
  equal(await byAddress('good'), 'open h2');
  equal(await byAddress('name'), `${ELSEWHERE} IP: 127.0.0.1 is not in the cert's list: `);
  equal(await byAddress('cn'), `${ELSEWHERE} IP: 127.0.0.1 is not in the cert's list: `);
  const six = { address: '::1', port: local('good').port };
  equal(await byAddress('good', six), `${ELSEWHERE} IP: ::1 is not in the cert's list: 127.0.0.1`);
  equal(await outcome(six, settings('ca', { serverName: '127.0.0.1' })), 'open h2');
});

test('names are compared as hosts are', async () => {
  for (const serverName of ['GOOD.example', 'good.example.'])
    equal(await outcome(local('good'), settings('ca', { serverName })), 'open h2');
  equal(await outcome(local('wild'), settings('ca', { serverName: 'a.good.example' })), 'open h2');
  for (const serverName of ['good.example', 'a.b.good.example']) {
    equal((await outcome(local('wild'), settings('ca', { serverName }))).startsWith(ELSEWHERE), true);
  }
});

test('without verification only a key that cannot be used is refused', async () => {
  for (const name of Object.keys(TABLE).filter((name) => !['p521', 'rsa1024'].includes(name))) {
    equal(`${name} ${await outcome(local(name), settings('ca', { verify: false }))}`, `${name} open h2`);
  }
  equal(await outcome(local('selfca'), { protocols: ['h2'], verify: false }), 'open h2');
});

test('without an authority nobody is trusted', async () => {
  equal(await outcome(local('good'), { protocols: ['h2'], verify: true, serverName: 'localhost' }), UNKNOWN);
});
