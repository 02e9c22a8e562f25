import { bytes, equal, shell, test, throws } from '../check.mjs';
import { program } from '../loop.mjs';
import { folder, local, pem, ports, story } from './stage.mjs';

const host = calicoHost;
const noEvents = { open() {}, data() {}, end() {} };
const SECURE = { protocols: ['h2'], verify: true, serverName: 'localhost', ca: pem('ca.pem') };

test('bytes come back over TCP and local sockets', async () => {
  const six = { address: '::1', port: ports.echo };
  // Node fills the rest of an abstract name with NUL characters.
  const abstract = `\0${folder}`.padEnd(108, '\0');
  for (const to of [local('echo'), six, { unix: `${folder}/socket` }, { unix: abstract }]) {
    equal(await story(to, undefined, { send: 'hello', until: 'data' }), ['open undefined', 'data hello']);
  }
});

test('nothing is told before connect has returned, and bytes written early are kept', async () => {
  const told = [];
  await new Promise((resolve) => {
    const connection = host.connect(local('echo'), undefined, {
      open: () => told.push('open'),
      data: (data) => {
        told.push(host.decodeUtf8(data));
        connection.destroy();
        resolve();
      },
      end: resolve,
    });
    connection.write(host.encodeUtf8('early'));
    told.push('returned');
  });
  equal(told, ['returned', 'open', 'early']);
});

test('the kernel says why there is no connection', async () => {
  const outcome = async (to) => (await story(to, undefined)).at(-1).replace('end ', '');
  const [closed, net] = [
    { address: '127.0.0.1', port: 1 },
    { address: 'fe80::1%lo', port: 1 },
  ];
  equal(await outcome(closed), 'ECONNREFUSED | connect ECONNREFUSED 127.0.0.1:1');
  equal(await outcome({ address: '::1', port: 1 }), 'ECONNREFUSED | connect ECONNREFUSED ::1:1');
  equal(await outcome({ unix: `${folder}/none` }), `ENOENT | connect ENOENT ${folder}/none`);
  equal(await outcome({ unix: `${folder}/ports.json` }), `ECONNREFUSED | connect ECONNREFUSED ${folder}/ports.json`);
  equal(await outcome({ unix: '\0none' }), 'ECONNREFUSED | connect ECONNREFUSED @none');
  equal((await outcome({ unix: 'x'.repeat(200) })).split(' ')[0], 'ENAMETOOLONG');
  equal((await outcome({ unix: '' })).split(' ')[0], 'EINVAL');
  equal((await outcome({ address: '255.255.255.255', port: 1 })).split(' ')[0], 'ENETUNREACH');
  equal(/^E/.test(await outcome(net)), true);
});

test('routes that lead nowhere are told apart', () => {
  const source = `const h = calicoHost; let left = 3; const told = [];
    for (const address of ['10.7.0.1', '10.8.0.1', '10.9.0.1']) {
      h.connect({ address, port: 1 }, undefined, { open() {}, data() {}, end(error) {
        told.push(error.code);
        if (--left === 0) { h.write(1, h.encodeUtf8(told.sort().join())); h.exit(0); }
      } });
    }`;
  const file = `${folder}/routes.mjs`;
  const fd = host.open(file, 0o1101, 0o644);
  host.write(fd, host.encodeUtf8(source));
  host.close(fd);
  const routes = 'ip link set lo up; ip route add unreachable 10.8.0.0/16; ip route add prohibit 10.9.0.0/16';
  equal(shell(`unshare -n sh -c '${routes}; $HOST run ${file}'`).stdout, 'EACCES,EHOSTUNREACH,ENETUNREACH');
});

test('the end is told once, with what came before', async () => {
  equal(await story(local('closes'), undefined), ['open undefined', 'end']);
  equal(await story(local('closes after bytes'), undefined), ['open undefined', 'data bye', 'end']);
  equal(await story(local('resets'), undefined, { send: 'x' }), ['open undefined', 'end ECONNRESET | read ECONNRESET']);
});

test('much goes both ways at once, with and without TLS', async () => {
  for (const [name, tls] of [
    ['large', undefined],
    ['large TLS', SECURE],
  ]) {
    let received = 0;
    const error = await new Promise((resolve) => {
      const connection = host.connect(local(name), tls, {
        open: () => {
          for (let sent = 0; sent < 3; sent++) connection.write(new Uint8Array(1_000_000).fill(sent));
        },
        data: (data) => {
          received += data.every((byte) => byte === 7) ? data.length : 0;
        },
        end: resolve,
      });
    });
    equal([name, received, error], [name, 3_000_000, undefined]);
  }
});

test('a connection may be destroyed at any time, and then tells nothing', async () => {
  for (const tls of [undefined, SECURE]) {
    for (const when of ['at once', 'open', 'data']) {
      const told = [];
      const connection = host.connect(local(tls === undefined ? 'echo' : 'good'), tls, {
        open: () => {
          told.push('open');
          connection.write(bytes(65));
          if (when === 'open') connection.destroy();
        },
        data: () => {
          told.push('data');
          connection.write(bytes(66));
          connection.destroy();
          connection.destroy();
          connection.write(bytes(67));
        },
        end: () => told.push('end'),
      });
      if (when === 'at once') connection.destroy();
      await new Promise((resolve) => host.timer(100, resolve));
      equal(told, { 'at once': [], open: ['open'], data: ['open', 'data'] }[when]);
    }
  }
});

test('destroying in the end is no fault, nor is forgetting the connection', async () => {
  await new Promise((resolve) => {
    const connection = host.connect(local('closes'), undefined, {
      ...noEvents,
      end: () => {
        connection.destroy();
        connection.unref();
        resolve();
      },
    });
  });
  for (let i = 0; i < 50; i++) host.connect(local('echo'), undefined, { ...noEvents, open() {} }).destroy();
});

test('only connections that are not let go keep the process alive', () => {
  const connect = `const c = h.connect({ address: '127.0.0.1', port: ${ports.echo} }, undefined, { open() { say('open'); c.unref(); }, data() {}, end() {} });`;
  equal(program(`h.onIdle(() => { say('idle'); h.exit(0); }); ${connect}`).stdout, 'open idle');
  equal(program(`h.onIdle(() => { say('idle'); h.exit(0); }); ${connect} c.unref();`).stdout, 'idle');
});

test('wrong arguments are told', () => {
  for (const to of [
    undefined,
    {},
    { address: 1 },
    { address: '::1' },
    { address: '::1', port: 65536 },
    { address: '::1', port: 1.5 },
    { unix: 1 },
  ]) {
    throws(() => host.connect(to, undefined, noEvents), { name: 'TypeError' });
  }
  throws(() => host.connect({ address: 'localhost', port: 1 }, undefined, noEvents), { code: 'EINVAL' });
  for (const tls of [
    1,
    {},
    { protocols: [] },
    { protocols: [1], verify: true },
    { protocols: [], verify: true, ca: 1 },
    { protocols: [], verify: true, minVersion: 'TLSv1' },
  ]) {
    throws(() => host.connect(local('echo'), tls, noEvents), { name: 'TypeError' });
  }
  for (const events of [undefined, {}, { open() {}, data() {} }, { ...noEvents, end: 1 }]) {
    throws(() => host.connect(local('echo'), undefined, events), { name: 'TypeError' });
  }
  const connection = host.connect(local('echo'), undefined, noEvents);
  throws(() => connection.write('text'), { name: 'TypeError' });
  throws(() => connection.write.call({}, bytes(1)), { name: 'TypeError' });
  connection.destroy();
});
