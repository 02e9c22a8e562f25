import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Host } from '../host/host.ts';

/** Forwards connections within a machine. */
export interface Relay {
  /** What it listens on: a port, or the path of a unix socket. */
  readonly listen: number | string;
  /** The port's address; default 127.0.0.1. */
  readonly address?: string;
  readonly to: number;
  /** Milliseconds by which everything from the client is delayed. */
  readonly delay?: number;
}

/** Runs on the machine, because nothing else reaches its loopback. Timers of the same length keep the order of the bytes. */
const RELAY = `
const net = require('node:net');
const { listen, address = '127.0.0.1', to, delay } = JSON.parse(process.argv[1]);
net.createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
  const server = net.connect({ port: to, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  const later = (action) => (delay === undefined ? action() : setTimeout(action, delay));
  client.on('data', (bytes) => later(() => server.write(bytes)));
  client.on('end', () => later(() => server.end()));
  server.pipe(client);
  client.on('error', () => server.destroy());
  server.on('error', () => client.destroy());
  client.on('close', () => later(() => server.destroy()));
  server.on('close', () => client.destroy());
}).listen(listen, ...(typeof listen === 'number' ? [address] : []), () => console.log('ready'));
process.stdin.resume().on('end', () => process.exit());`;

/** Starts a relay on the machine. Returns a function that stops it. It ends with the test process at the latest. */
export async function startRelay(host: Host, relay: Relay): Promise<() => void> {
  const [program = '', ...enter] = host.enter();
  const words = [...enter, process.execPath, '-e', RELAY, JSON.stringify(relay)];
  const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'] });
  const [said] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  if (!String(said).startsWith('ready')) throw new Error(`the relay at ${relay.listen} said ${said}`);
  return () => void child.stdin.end();
}
