import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Host } from '../host/host.ts';

/** Hands connections on within a machine. */
export interface Relay {
  /** Where it listens: a port of 127.0.0.1, or a unix socket's path. */
  readonly listen: number | string;
  readonly to: number;
  /** Milliseconds by which everything that a client sends comes later. */
  readonly delay?: number;
}

/** Runs on the machine, whose loopback nothing else reaches. Timers of one length keep the order of the bytes. */
const RELAY = `
const net = require('node:net');
const { listen, to, delay } = JSON.parse(process.argv[1]);
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
}).listen(listen, ...(typeof listen === 'number' ? ['127.0.0.1'] : []), () => console.log('ready'));
process.stdin.resume().on('end', () => process.exit());`;

/** Starts a relay on the machine; answers how to stop it. It ends with the test process at the latest. */
export async function startRelay(host: Host, relay: Relay): Promise<() => void> {
  const [program = '', ...enter] = host.enter();
  const words = [...enter, process.execPath, '-e', RELAY, JSON.stringify(relay)];
  const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'] });
  const [said] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  if (!String(said).startsWith('ready')) throw new Error(`the relay at ${relay.listen} said ${said}`);
  return () => void child.stdin.end();
}
