import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tools } from '../../../build/tools.ts';
import type { Bed } from '../bed/bed.ts';
import { ENDPOINTS } from './calicoctl.ts';

/** A running `calicoctl ipam metrics --listen`. */
export interface Serving {
  readonly pid: number;
  readonly port: number;
  /** What it has written to standard error. */
  said(): string;
  /** How it ended, after this signal. */
  end(signal: NodeJS.Signals): Promise<{ readonly code: number | null; readonly millis: number }>;
}

/** The bcrypt hash of the password `secret`. */
export const HASH = '$2b$10$CwTycUXWue0Thq9StjUM0uAVljZGU0cQRVBKsahq/SyP8puNXInA6';

/** Serves on a bed's machine at a free port of 127.0.0.1; it ends with the test process at the latest. */
export async function serveMetrics(
  { host }: Pick<Bed, 'host'>,
  options: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Serving> {
  const [program = '', ...enter] = host.enter();
  const words = [`${tools().bin}/calicoctl`, 'ipam', 'metrics', '--listen=127.0.0.1:0', '--node=node1', ...options];
  const child = spawn(program, [...enter, 'setpriv', '--pdeathsig', 'KILL', ...words], {
    env: { ...ENDPOINTS, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr?.on('data', (data: Buffer) => {
    said += data;
  });
  while (!/:\d+\/metrics/.test(said)) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${said}`);
    await Promise.race([once(child.stderr ?? child, 'data'), once(child, 'exit')]);
  }
  const port = Number(/:(\d+)\/metrics/.exec(said)?.[1]);
  return { pid: child.pid ?? 0, port, said: () => said, end: (signal) => ended(child, signal) };
}

async function ended(child: ChildProcess, signal: NodeJS.Signals) {
  const began = performance.now();
  child.kill(signal);
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return { code: child.exitCode, millis: performance.now() - began };
}

/** Fetches in a machine's network. With TLS the authority's file must be given. */
const CLIENT = `
const { url, user, ca, cert, key, insecure, method = 'GET', headers = {} } = JSON.parse(process.argv[1]);
const read = (file) => file && require('node:fs').readFileSync(file);
const options = { method, headers, auth: user, ca: read(ca), cert: read(cert), key: read(key), rejectUnauthorized: !insecure, agent: false, timeout: 20000 };
const request = require(url.startsWith('https') ? 'node:https' : 'node:http').request(url, options, (response) => {
  const parts = [];
  response.on('data', (part) => parts.push(part));
  response.on('end', () => console.log(JSON.stringify({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts).toString() })));
});
request.on('error', (error) => console.log(JSON.stringify({ status: 0, headers: {}, body: error.code })));
request.end();`;

/** What is asked for. */
export interface Asked {
  readonly url: string;
  readonly user?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Whatever certificate the server shows. */
  readonly insecure?: boolean;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The answer, or status 0 and the code of the error. */
export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export async function ask({ host }: Pick<Bed, 'host'>, asked: Asked): Promise<Answered> {
  const { stdout, stderr } = await host.run(process.execPath, ['-e', CLIENT, JSON.stringify(asked)]);
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
}

/** Opens connections in a machine's network, sends this text on each, and says what has come back when all have ended. */
const RAW = `
const [port, count, text, every] = process.argv.slice(1);
const net = require('node:net');
const one = () => new Promise((resolve) => {
  const socket = net.connect(Number(port), '127.0.0.1');
  let said = '';
  socket.on('data', (data) => { said += data; });
  socket.on('error', () => {});
  socket.on('close', () => resolve(said));
  socket.write(text);
  const timer = every === '0' ? undefined : setInterval(() => socket.write('x: y\\r\\n'), Number(every));
  socket.on('close', () => clearInterval(timer));
});
Promise.all(Array.from({ length: Number(count) }, one)).then((all) => console.log(JSON.stringify(all)));`;

/** `every`: milliseconds between further header lines; 0 for none. */
export async function sendRaw(
  { host }: Pick<Bed, 'host'>,
  port: number,
  { text, count = 1, every = 0 }: { readonly text: string; readonly count?: number; readonly every?: number },
): Promise<readonly string[]> {
  const words = ['-e', RAW, String(port), String(count), text, String(every)];
  return JSON.parse((await host.run(process.execPath, words)).stdout);
}
