// Servers for the host's tests, run by Node: `node servers.mjs FOLDER` makes one for each certificate in the folder, and some that
// misbehave, and writes their ports into `ports.json` there.

import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer as createPlain } from 'node:net';
import { createServer as createTls } from 'node:tls';

const folder = process.argv[2];
const file = (name) => readFileSync(`${folder}/${name}`);
const pair = (name) => ({ cert: file(`${name}.pem`), key: file(`${name}.key`) });

const echo = (socket) => {
  socket.on('error', () => {});
  socket.on('data', (bytes) => socket.write(bytes));
};

/** A byte for each that is to come, then that many bytes, slowly read. */
const large = (socket) => {
  socket.on('error', () => {});
  let count = 0;
  socket.on('data', (bytes) => {
    count += bytes.length;
    socket.pause();
    setTimeout(() => socket.resume(), 1);
  });
  socket.on('end', () => socket.end());
  socket.write(Buffer.alloc(3_000_000, 7));
  setInterval(() => count >= 3_000_000 && socket.end(), 5).unref();
};

const alert = (number) => (socket) => socket.once('data', () => socket.end(Buffer.from([21, 3, 3, 0, 2, 2, number])));

const PLAIN = {
  echo,
  large,
  closes: (socket) => socket.end(),
  'closes after bytes': (socket) => socket.end('bye'),
  'closes on hello': (socket) => socket.once('data', () => socket.end()),
  resets: (socket) => socket.once('data', () => socket.resetAndDestroy()),
  'is plain': (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'),
  'sends garbage': (socket) => socket.once('data', () => socket.end(Buffer.from([22, 3, 3, 0, 4, 2, 0, 0, 0]))),
  'alert 40': alert(40),
  'alert 200': alert(200),
};

const good = { ...pair('good'), ca: file('ca.pem'), ALPNProtocols: ['h2'] };
const mutual = { ...good, requestCert: true, rejectUnauthorized: true };
const TLS = {
  mutual12: { ...mutual, maxVersion: 'TLSv1.2' },
  mutual13: { ...mutual, minVersion: 'TLSv1.3' },
  'only 1.1': { ...good, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' },
  'only 1.2': { ...good, maxVersion: 'TLSv1.2' },
  'only 1.3': { ...good, minVersion: 'TLSv1.3' },
  'other protocol': { ...good, ALPNProtocols: ['http/1.1'] },
  'no protocol': { ...good, ALPNProtocols: undefined },
  'only CBC': { ...good, maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES256-SHA' },
  'RSA 1.2': { ...good, ...pair('rsa'), maxVersion: 'TLSv1.2' },
};
for (const name of readdirSync(folder)) {
  const [, base] = /^([a-z].*)\.pem$/.exec(name) ?? [];
  if (base !== undefined)
    TLS[base] = { ...pair(base), ciphers: 'DEFAULT:@SECLEVEL=0', ALPNProtocols: ['h2', 'http/1.1'] };
}

const ports = {};
const listen = async (name, server, at = { port: 0, host: '::' }) => {
  await new Promise((resolve) => server.listen(at, resolve));
  ports[name] = server.address().port;
};
for (const [name, behave] of Object.entries(PLAIN)) {
  const server = createPlain({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    behave(socket);
  });
  await listen(name, server);
}
for (const [name, options] of Object.entries(TLS)) {
  await listen(
    name,
    createTls(options, echo).on('tlsClientError', () => {}),
  );
}
await listen(
  'large TLS',
  createTls(good, large).on('tlsClientError', () => {}),
);
await listen('', createPlain(echo), { path: `${folder}/socket` });
await listen('', createPlain(echo), { path: `\0${folder}` });
writeFileSync(`${folder}/ports.new`, JSON.stringify(ports));
renameSync(`${folder}/ports.new`, `${folder}/ports.json`);
