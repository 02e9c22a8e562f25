import { equal, shell, test, throws } from '../check.mjs';
import { folder, local, pair, pem, story } from './stage.mjs';

const host = calicoHost;
const SECURE = { protocols: ['h2'], verify: true, serverName: 'localhost', ca: pem('ca.pem') };
const noEvents = { open() {}, data() {}, end() {} };
const refuses = (tls) =>
  throws(() => host.connect({ address: '127.0.0.1', port: 1 }, { ...SECURE, ...tls }, noEvents), {});

test('bytes come back, from both versions', async () => {
  for (const name of ['good', 'only 1.2', 'only 1.3', 'RSA 1.2', 'rsa', 'ed', 'p384']) {
    equal(await story(local(name), SECURE, { send: 'hello', until: 'data' }), ['open h2', 'data hello']);
  }
  const strict = { ...SECURE, minVersion: 'TLSv1.3' };
  equal((await story(local('good'), strict, { until: 'open' })).at(-1), 'open h2');
  equal((await story(local('only 1.2'), strict))[0].split(' |')[0], 'end ERR_SSL_ALERT_70');
  equal((await story(local('only 1.1'), SECURE))[0].split(' |')[0], 'end ERR_SSL_ALERT_70');
});

test('the application protocol is agreed on, or there is none', async () => {
  equal(await story(local('no protocol'), SECURE, { until: 'open' }), ['open undefined']);
  equal((await story(local('other protocol'), SECURE))[0].split(' |')[0], 'end ERR_SSL_ALERT_120');
  const both = { ...SECURE, protocols: ['h2', 'http/1.1'] };
  equal(await story(local('other protocol'), both, { until: 'open' }), ['open http/1.1']);
});

test('the certificate of the server is told', async () => {
  const peer = await new Promise((resolve) => {
    const connection = host.connect(
      local('good'),
      { ...SECURE, verify: false },
      {
        open: (info) => {
          connection.destroy();
          resolve(info.peer);
        },
        data() {},
        end: resolve,
      },
    );
  });
  equal(host.certificate(peer), [{ notAfter: Date.UTC(2040, 0) }]);
});

test('client certificates are shown, and what the server says to them is told', async () => {
  for (const name of ['mutual12', 'mutual13']) {
    const told = await story(local(name), { ...SECURE, ...pair('good') }, { send: 'a', until: 'data' });
    equal(told, ['open h2', 'data a']);
  }
  equal(await story(local('mutual12'), SECURE), [
    'end ERR_SSL_ALERT_40 | the server ended TLS: handshake failure (alert 40)',
  ]);
  const after = await story(local('mutual13'), SECURE, { send: 'a' });
  equal(after, ['open h2', 'end ERR_SSL_ALERT_116 | the server ended TLS: certificate required (alert 116)']);
});

test('keys of every usual kind are read', async () => {
  const make = (script) => equal(shell(`cd ${folder} && ${script}`).status, 0);
  make(
    'openssl ec -in good.key -out sec1.pem && openssl ecparam -name prime256v1 -out params.pem && cat params.pem sec1.pem > sec1.key',
  );
  make('openssl rsa -in rsa.key -traditional -out pkcs1.key && openssl rsa -in rsa.key -out pkcs8.key');
  make('sed "s/$/\\r/" good.key > crlf.key && openssl x509 -in good.pem -text -out text.pem');
  make('(echo; echo "  some words"; cat good.key) > words.key && cat good.pem ca.pem > chain.pem');
  const kinds = [
    ['good', 'sec1'],
    ['rsa', 'pkcs1'],
    ['rsa', 'pkcs8'],
    ['good', 'crlf'],
    ['text', 'good'],
    ['good', 'words'],
    ['chain', 'good'],
    ['ed', 'ed'],
    ['p384', 'p384'],
    ['v1', 'v1'],
  ];
  for (const [cert, key] of kinds) {
    const mine = { cert: pem(`${cert}.pem`), key: pem(`${key}.key`) };
    const told = await story(local('mutual13'), { ...SECURE, ...mine }, { send: 'a', until: 'data' });
    equal([cert, key, ...told], [cert, key, 'open h2', 'data a']);
  }
});

test('certificates and keys that cannot be used are refused at once', () => {
  const block = (label, body) => `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;
  equal(refuses({ ...pair('good'), key: pem('cn.key') }).code, 'KEY_MISMATCH');
  equal(refuses({ ...pair('v1'), key: pem('cn.key') }).code, 'KEY_MISMATCH');
  for (const cert of ['', 'x', block('CERTIFICATE', 'AAAA'), block('CERTIFICATE', '!!!'), pem('good.key')]) {
    equal(refuses({ ...pair('good'), cert }).code, 'BAD_CERTIFICATE');
  }
  shell(`cd ${folder} && openssl pkcs8 -topk8 -in good.key -passout pass:x -out locked.key`);
  for (const key of [
    '',
    pem('good.pem'),
    block('PRIVATE KEY', 'AAAA'),
    pem('rsa1024.key'),
    pem('p521.key'),
    pem('locked.key'),
  ]) {
    equal(refuses({ ...pair('good'), key }).code, 'BAD_KEY');
  }
  for (const ca of ['', 'x', block('CERTIFICATE', 'AAAA'), block('CERTIFICATE', '!!!'), pem('ca.key')]) {
    equal(refuses({ ca }).code, 'BAD_CA');
  }
  equal(
    refuses({ ciphers: ['TLS_AES_128_GCM_SHA256', 'TLS_RSA_WITH_AES_128_GCM_SHA256'] }).message,
    'the cipher suite TLS_RSA_WITH_AES_128_GCM_SHA256 is not available',
  );
  equal(refuses({ ciphers: [] }).code, 'BAD_CIPHER');
  equal(refuses({ serverName: 'a b' }).code, 'BAD_SERVER_NAME');
});

test('what is no certificate is left out of the authorities', async () => {
  const ca = `words\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n${pem('ca.key')}${pem('ca.pem')}`;
  equal(await story(local('good'), { ...SECURE, ca }, { until: 'open' }), ['open h2']);
});

test('only the suites that are named are offered', async () => {
  const suites = (...ciphers) => ({ ...SECURE, ciphers });
  const [old, fresh] = ['TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384', 'TLS_AES_256_GCM_SHA384'];
  equal(await story(local('only 1.2'), suites(old), { until: 'open' }), ['open h2']);
  equal(await story(local('only 1.2'), suites('TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256', fresh), { until: 'open' }), ['open h2']);
  equal((await story(local('only 1.2'), suites(fresh)))[0].split(' |')[0], 'end ERR_SSL_ALERT_70');
  equal((await story(local('RSA 1.2'), suites(old)))[0].split(' |')[0], 'end ERR_SSL_ALERT_40');
  equal((await story(local('only CBC'), SECURE))[0].split(' |')[0], 'end ERR_SSL_ALERT_40');
});

test('a server that does not complete the handshake is told apart', async () => {
  const cut = 'end ECONNRESET | Client network socket disconnected before secure TLS connection was established';
  const table = {
    closes: cut,
    'closes on hello': cut,
    resets: 'end ECONNRESET | read ECONNRESET',
    'is plain': 'end EPROTO | the server does not speak TLS',
    'sends garbage': 'end EPROTO | the server breaks the rules of TLS',
    'alert 40': 'end ERR_SSL_ALERT_40 | the server ended TLS: handshake failure (alert 40)',
    'alert 200': 'end ERR_SSL_ALERT_200 | the server ended TLS: unknown (alert 200)',
  };
  for (const [name, words] of Object.entries(table)) equal(await story(local(name), SECURE), [words]);
});

test('certificates are described', () => {
  const ends = host.certificate(pem('expired.pem') + pem('ca.pem')).map(({ notAfter }) => notAfter);
  equal(ends, [Date.UTC(2021, 0), Date.UTC(2040, 0)]);
  equal(host.certificate(pem('v1.pem')).length, 1);
  for (const bad of ['', 'x', new Uint8Array(), Uint8Array.of(0x30, 0x80), pem('good.key')]) {
    throws(() => host.certificate(bad), { code: 'BAD_CERTIFICATE' });
  }
  throws(() => host.certificate(1), { name: 'TypeError' });
});
