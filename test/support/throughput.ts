import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Host } from './host.ts';

/** Sends to whoever connects, as fast as the network takes it, and stops after so many milliseconds. */
const SENDER = `
const [port, millis] = process.argv.slice(1).map(Number);
const chunk = Buffer.alloc(65536);
require('node:net').createServer((socket) => {
  const more = () => { while (!socket.destroyed && socket.write(chunk)); };
  socket.on('drain', more).on('error', () => {});
  setTimeout(() => { socket.destroy(); process.exit(0); }, millis);
  more();
}).listen(port, () => console.log('listening'));`;

/** Counts what arrives after a moment in which the token bucket empties, until the end; prints bits a second. */
const RECEIVER = `
const [address, port, warmup] = process.argv.slice(1);
let bytes = 0, since;
const socket = require('node:net').connect(Number(port), address);
setTimeout(() => { bytes = 0; since = process.hrtime.bigint(); }, Number(warmup));
let last = process.hrtime.bigint();
socket.on('data', (part) => { bytes += part.length; last = process.hrtime.bigint(); });
socket.on('error', () => {});
socket.on('close', () => console.log(Math.round((bytes * 8e9) / Number(last - since))));`;

const PORT = '5201';
const WARMUP_MS = '500';
const LENGTH_MS = '2500';

/** Where an end of a connection is: a named namespace of the host, or (undefined) the host itself. */
type Place = string | undefined;

const at = (place: Place, ...words: readonly string[]) =>
  place === undefined ? words : ['nsenter', `--net=/run/netns/${place}`, '--', ...words];

/** TCP throughput in bits a second, from a sender listening at `address` in `from` to `to`, over two seconds. */
export async function throughput(host: Host, from: Place, address: string, to: Place): Promise<number> {
  const node = process.execPath;
  const [program = '', ...enter] = host.enter();
  const sender = spawn(program, [...enter, ...at(from, node, '-e', SENDER, PORT, LENGTH_MS)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await once(sender.stdout, 'data');
    const [receiver = '', ...args] = at(to, node, '-e', RECEIVER, address, PORT, WARMUP_MS);
    return Number(await host.must(receiver, args));
  } finally {
    if (sender.exitCode === null) {
      sender.kill('SIGKILL');
      await once(sender, 'exit');
    }
  }
}
