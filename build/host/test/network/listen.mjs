import { equal, shell, test, throws } from '../check.mjs';
import { folder, pair, pem, story } from './stage.mjs';

const host = calicoHost;
const at = (port) => ({ address: '127.0.0.1', port });
const SECURE = { protocols: ['http/1.1'], verify: true, serverName: 'localhost', ca: pem('ca.pem') };
const SERVER = { protocols: ['http/1.1'], ...pair('good') };

/** Listens, and answers `hello NAME` to each NAME. */
function greeting(tls, told = []) {
  return host.listen(at(0), tls, (connection) => ({
    open: ({ protocol }) => told.push(`open ${protocol}`),
    data: (bytes) => connection.write(host.encodeUtf8(`hello ${host.decodeUtf8(bytes)}`)),
    end: (error) => told.push(`end ${error?.code}`),
  }));
}

const ask = { send: 'you', until: 'data' };
const code = (lines) => lines.at(-1).split(' |')[0];

test('a listener takes connections, with and without TLS', async () => {
  const plain = greeting(undefined);
  for (let count = 0; count < 20; count++) equal(await story(at(plain.port()), undefined, ask), ['open undefined', 'data hello you']);
  const told = [];
  const secure = greeting(SERVER, told);
  for (const minVersion of [undefined, 'TLSv1.3'])
    equal(await story(at(secure.port()), { ...SECURE, ...(minVersion && { minVersion }) }, ask), ['open http/1.1', 'data hello you']);
  equal(told.filter((line) => line.startsWith('open')), ['open http/1.1', 'open http/1.1']);
  plain.close();
  secure.close();
});

test('a closed listener takes no more, and its connections stay', async () => {
  const listener = greeting(undefined);
  const port = listener.port();
  const answer = await new Promise((resolve) => {
    const connection = host.connect(at(port), undefined, {
      open: () => host.timer(50, () => {
        listener.close();
        listener.close();
        connection.write(host.encodeUtf8('still'));
      }),
      data: (bytes) => {
        connection.destroy();
        resolve(host.decodeUtf8(bytes));
      },
      end: resolve,
    });
  });
  equal(answer, 'hello still');
  equal(listener.port(), 0);
  equal(code(await story(at(port), undefined)), 'end ECONNREFUSED');
});

test('both families come to the unspecified address', async () => {
  const listener = host.listen({ address: '::', port: 0 }, undefined, (connection) => ({
    open: () => connection.write(host.encodeUtf8('a')),
    data() {},
    end() {},
  }));
  for (const address of ['127.0.0.1', '::1']) equal((await story({ address, port: listener.port() }, undefined, { until: 'data' })).at(-1), 'data a');
  listener.close();
});

test('a connection for which nobody gives callbacks is dropped', async () => {
  for (const answer of [undefined, {}, { open() {}, data() {} }, 1]) {
    const listener = host.listen(at(0), undefined, () => answer);
    const [first] = await story(at(listener.port()), undefined, { until: 'end' }).then((lines) => lines.slice(-1));
    equal(/^end/.test(first), true);
    listener.close();
  }
});

test('large answers arrive whole', async () => {
  for (const [server, client] of [[undefined, undefined], [SERVER, SECURE]]) {
    const size = 5_000_000;
    const listener = host.listen(at(0), server, (connection) => ({
      open: () => connection.write(new Uint8Array(size)),
      data() {},
      end() {},
    }));
    const got = await new Promise((resolve) => {
      let count = 0;
      host.timer(5000, () => resolve(`${count} in time`));
      const connection = host.connect(at(listener.port()), client, {
        open() {},
        data: (bytes) => {
          count += bytes.length;
          if (count < size) return;
          connection.destroy();
          resolve(count);
        },
        end: (error) => resolve(`${count} ${error?.code}`),
      });
    });
    equal(got, size);
    listener.close();
  }
});

test('a connection that is finished ends after all that was written', async () => {
  for (const [server, client] of [[undefined, undefined], [SERVER, SECURE]]) {
    const size = 5_000_000;
    const over = Promise.withResolvers();
    const listener = host.listen(at(0), server, (connection) => ({
      open() {},
      data() {
        connection.write(new Uint8Array(size));
        connection.finish();
        connection.finish();
        connection.write(host.encodeUtf8('too late'));
      },
      end: (error) => over.resolve(error?.code),
    }));
    const got = await new Promise((resolve) => {
      let count = 0;
      host.timer(10_000, () => resolve(`${count} in time`));
      const connection = host.connect(at(listener.port()), client, {
        open: () => connection.write(host.encodeUtf8('you')),
        data: (bytes) => {
          count += bytes.length;
        },
        end: (error) => resolve(`${count} ${error?.code}`),
      });
    });
    equal(got, `${size} undefined`);
    equal(await over.promise, undefined);
    listener.close();
  }
});

test('versions, suites and protocols are as told', async () => {
  const outcome = async (server, client) => {
    const listener = greeting({ ...SERVER, ...server });
    const lines = await story(at(listener.port()), { ...SECURE, ...client }, ask);
    listener.close();
    return code(lines);
  };
  equal(await outcome({ minVersion: 'TLSv1.3' }, {}), 'data hello you');
  equal(await outcome({ maxVersion: 'TLSv1.2' }, {}), 'data hello you');
  equal(await outcome({ maxVersion: 'TLSv1.2' }, { minVersion: 'TLSv1.3' }), 'end ERR_SSL_ALERT_70');
  equal(await outcome({ ciphers: ['TLS_AES_128_GCM_SHA256'] }, { ciphers: ['TLS_AES_256_GCM_SHA384'] }), 'end ERR_SSL_ALERT_40');
  equal(await outcome({}, { protocols: ['h2'] }), 'end ERR_SSL_ALERT_120');
  equal(await outcome({ protocols: [] }, { protocols: ['h2'] }), 'data hello you');
});

test('clients show a certificate where they must', async () => {
  const outcome = async (server, client) => {
    const listener = greeting({ ...SERVER, clientCa: pem('ca.pem'), ...server });
    const lines = await story(at(listener.port()), { ...SECURE, ...client }, ask);
    listener.close();
    return code(lines);
  };
  equal(await outcome({}, pair('good')), 'data hello you');
  equal(await outcome({}, {}), 'end ERR_SSL_ALERT_116');
  equal(await outcome({}, pair('stranger')), 'end ERR_SSL_ALERT_48');
  equal(await outcome({}, pair('expired')), 'end ERR_SSL_ALERT_45');
  equal(await outcome({ clientOptional: true }, {}), 'data hello you');
  equal(await outcome({ clientOptional: true }, pair('stranger')), 'end ERR_SSL_ALERT_48');
});

test('who does not speak TLS is told apart, and others go on', async () => {
  const told = [];
  const listener = greeting(SERVER, told);
  const silent = host.connect(at(listener.port()), undefined, { open() {}, data() {}, end() {} });
  equal(/^end/.test((await story(at(listener.port()), undefined, { send: 'GET / HTTP/1.1\r\n\r\n' })).at(-1)), true);
  equal(code(await story(at(listener.port()), SECURE, ask)), 'data hello you');
  equal(told[0], 'end EPROTO');
  silent.destroy();
  listener.close();
});

test('what cannot be used is refused at once', () => {
  const refuses = (tls, where = at(0)) => throws(() => host.listen(where, tls, () => {}), {});
  equal(refuses({ ...SERVER, key: pem('cn.key') }).code, 'KEY_MISMATCH');
  equal(refuses({ ...SERVER, cert: 'x' }).code, 'BAD_CERTIFICATE');
  equal(refuses({ ...SERVER, key: 'x' }).code, 'BAD_KEY');
  equal(refuses({ ...SERVER, key: pem('rsa1024.key') }).code, 'BAD_KEY');
  equal(refuses({ ...SERVER, clientCa: 'x' }).code, 'BAD_CA');
  equal(refuses({ ...SERVER, ciphers: ['RC4'] }).code, 'BAD_CIPHER');
  equal(refuses({ ...SERVER, minVersion: 'TLSv1.1' }).code, 'BAD_VERSION');
  equal(refuses({ ...SERVER, minVersion: 'TLSv1.3', maxVersion: 'TLSv1.2' }).code, 'BAD_VERSION');
  equal(refuses({}).name, 'TypeError');
  equal(refuses(1).name, 'TypeError');
  equal(refuses(undefined, { address: 'localhost', port: 0 }).code, 'EINVAL');
  equal(refuses(undefined, { address: '10.99.99.99', port: 0 }).code, 'EADDRNOTAVAIL');
  throws(() => host.listen(at(0), undefined), { name: 'TypeError' });
  const listener = greeting(undefined);
  equal(refuses(undefined, at(listener.port())).message, `listen EADDRINUSE 127.0.0.1:${listener.port()}`);
  listener.close();
});

test('without descriptors for more connections it waits, and does not spin', () => {
  const source = `const h = calicoHost;
    let taken = 0;
    const listener = h.listen({ address: '127.0.0.1', port: 0 }, undefined, () => { taken++; return { open() {}, data() {}, end() {} }; });
    h.start('/usr/bin/env', ['node', '-e', \`for (let i = 0; i < 60; i++) require('node:net').connect(\${listener.port()}, '127.0.0.1').on('error', () => {}); setTimeout(() => process.exit(), 3000)\`]);
    h.timer(2000, () => { h.write(1, h.encodeUtf8(String(taken > 5 && taken < 60))); h.exit(0); });`;
  const ran = shell(`cat > ${folder}/few.mjs && ulimit -n 40 && $HOST run ${folder}/few.mjs`, { input: host.encodeUtf8(source) });
  equal([ran.stdout, ran.stderr, ran.cpu < 1500], ['true', '', true]);
});
