// Name servers for the host's tests, run by Node in a network namespace of its own: `node name-servers.mjs LOG READY`.
// 127.0.0.1 and ::1 answer, 127.0.0.2 is silent, 127.0.0.3 always fails, 127.0.0.4 is not there.

import { createSocket } from 'node:dgram';
import { appendFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';

const [, , log, ready] = process.argv;
const [A, CNAME, AAAA, SRV] = [1, 5, 28, 33];
const NAMES = { 1: 'A', 28: 'AAAA', 33: 'SRV' };

const encoded = (name) =>
  Buffer.concat([
    ...name
      .split('.')
      .filter(Boolean)
      .map((label) => Buffer.from([label.length, ...Buffer.from(label)])),
    Buffer.from([0]),
  ]);
const word = (number) => Buffer.from([number >> 8, number & 255]);
const a = (text) => [A, Buffer.from(text.split('.').map(Number))];
const aaaa = (last) => [AAAA, Buffer.from([0xfd, ...Array(14).fill(0), last])];
const srv = (priority, weight, port, name) => [
  SRV,
  Buffer.concat([word(priority), word(weight), word(port), encoded(name)]),
];

/** Records by name; those with an owner of their own have it first. */
const ZONE = {
  'both.example': [a('10.0.0.1'), aaaa(1)],
  'four.example': [a('10.0.0.4'), a('10.0.0.5')],
  'six.example': [aaaa(6)],
  'alias.example': [
    [CNAME, encoded('four.example')],
    ['four.example', ...a('10.0.0.4')],
  ],
  'none.example': [],
  'other.example': [['four.example', ...a('10.0.0.4')]],
  'big.example': Array.from({ length: 100 }, (_, at) => a(`10.0.1.${at}`)),
  'bigfail.example': [a('10.0.0.1')],
  'half.example': [a('10.0.0.7')],
  'spoof.example': [a('10.0.0.8')],
  'endless.example': [[A, Buffer.from([1, 2, 3])]],
  'web.search.test': [a('10.0.2.1')],
  'web.second.test': [a('10.0.2.2')],
  'a.b.search.test': [a('10.0.2.3')],
  'a.b': [a('10.0.2.4')],
  '_etcd-client._tcp.example': [
    srv(1, 2, 2379, 'etcd-0.example'),
    srv(0, 0, 2380, 'etcd-1.example'),
    srv(0, 0, 1, ''),
    srv(0, 0, 1, 'a/b.example'),
  ],
  '_none._tcp.example': [srv(0, 0, 0, '')],
};

function read(message) {
  const labels = [];
  let at = 12;
  while (message[at] > 0) {
    labels.push(message.subarray(at + 1, at + 1 + message[at]).toString());
    at += 1 + message[at];
  }
  return { name: labels.join('.'), kind: message.readUInt16BE(at + 1), question: message.subarray(12, at + 5) };
}

function answer(message, { name, kind, question }, status, flags = 0) {
  const all = flags & 2 ? [] : (ZONE[name] ?? []).map((record) => (record.length === 3 ? record : [name, ...record]));
  const records = all.filter(([, type]) => type === kind || type === CNAME);
  const head = Buffer.concat([
    message.subarray(0, 2),
    Buffer.from([0x81 | flags, 0x80 | status]),
    word(1),
    word(records.length),
    word(0),
    word(0),
  ]);
  const data = records.map(([owner, type, bytes]) =>
    Buffer.concat([encoded(owner), word(type), word(1), word(0), word(60), word(bytes.length), bytes]),
  );
  return Buffer.concat([head, question, ...data]);
}

function serve(address, behave) {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  socket.on('message', (message, { port, address: client }) => {
    const asked = read(message);
    appendFileSync(log, `${address} udp ${asked.name} ${NAMES[asked.kind]}\n`);
    behave(message, asked, (bytes, from = socket) => from.send(bytes, port, client));
  });
  const tcp = createServer((stream) => {
    stream.on('error', () => {});
    stream.once('data', (bytes) => {
      const message = bytes.subarray(2);
      const asked = read(message);
      appendFileSync(log, `${address} tcp ${asked.name} ${NAMES[asked.kind]}\n`);
      if (asked.name === 'bigfail.example') return stream.destroy();
      const whole = answer(message, asked, asked.name in ZONE ? 0 : 3);
      stream.write(Buffer.concat([word(whole.length), whole.subarray(0, 20)]));
      setTimeout(() => stream.end(whole.subarray(20)), 20);
    });
  });
  return Promise.all([
    new Promise((resolve) => socket.bind(53, address, resolve)),
    new Promise((resolve) => tcp.listen(53, address, resolve)),
  ]);
}

const stranger = createSocket('udp4');

function usual(message, asked, send) {
  const good = answer(message, asked, asked.name in ZONE ? 0 : asked.name === 'fails.example' ? 2 : 3);
  if (asked.name.startsWith('big')) return send(answer(message, asked, 0, 2));
  if (asked.name === 'half.example' && asked.kind === AAAA) return;
  if (asked.name === 'spoof.example') {
    const forged = Buffer.from(good);
    forged.write('\x06\x06\x06\x06', forged.length - 4, 'latin1');
    send(forged, stranger);
    const otherId = Buffer.from(forged);
    otherId[0] ^= 1;
    send(otherId);
    const otherName = Buffer.from(forged);
    otherName[13] = 120;
    send(otherName);
    send(message);
    send(Buffer.from([1]));
    setTimeout(() => send(good), 50);
    return;
  }
  send(good);
}

await serve('127.0.0.1', usual);
await serve('::1', usual);
await serve('127.0.0.2', () => {});
await serve('127.0.0.3', (message, asked, send) => send(answer(message, asked, 2)));
writeFileSync(ready, '');
