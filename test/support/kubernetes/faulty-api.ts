import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from '../host/host.ts';
import { PORT } from './api-server.ts';

/**
 * What happens to a request: it is held for ever before or after the server has seen it, its answer is lost with the connection,
 * or it and all later ones find no server. A number is the status of an invented answer.
 */
export type Fault = 'held before' | 'held after' | 'lost' | 'gone' | 409 | 429 | 500;

/** A proxy in front of the API server that disturbs one of the following requests. */
export interface FaultyApi {
  readonly url: string;
  /** Disturbs request number `at` from now, the first being 1; 0 disturbs none. */
  spoil(at: number, what?: Fault): Promise<void>;
  /** How many requests have arrived since. */
  count(): number;
  close(): void;
}

const DOOR = PORT + 2;
const FOLDER = '/run/calico-test/faulty';

/** Runs on the machine with the API server's certificate, so that the plugin's kubeconfig differs only in the port. */
const FAULTY = `
const { readFileSync, writeFileSync, appendFileSync } = require('node:fs');
const { Agent, request } = require('node:https');
const { certs, folder, door, port } = JSON.parse(process.argv[1]);
const agent = new Agent({ keepAlive: true, rejectUnauthorized: false });
const sessions = new Set();
let fault = { at: 0 }, seen = 0;
const hangUp = () => { for (const session of sessions) session.destroy(); };
process.stdin.on('data', (text) => {
  fault = JSON.parse(text); seen = 0; hangUp();
  writeFileSync(folder + '/seen', ''); console.log('ready');
}).on('end', () => process.exit());
const server = require('node:http2').createSecureServer(
  { key: readFileSync(certs + '/apiserver.key'), cert: readFileSync(certs + '/apiserver.crt'), allowHTTP1: true },
  (asked, answer) => {
    const number = ++seen;
    appendFileSync(folder + '/seen', number + ' ' + asked.method + ' ' + asked.url + '\\n');
    const parts = [];
    asked.on('data', (part) => parts.push(part)).on('error', () => {});
    asked.on('end', () => {
      const what = number === fault.at ? fault.what : fault.what === 'gone' && number > fault.at && fault.at > 0 ? 'gone' : undefined;
      if (what === 'gone') return hangUp();
      if (what === 'held before') return;
      if (typeof what === 'number') {
        const reason = { 409: 'Conflict', 429: 'TooManyRequests', 500: 'InternalError' }[what];
        const body = { kind: 'Status', apiVersion: 'v1', status: 'Failure', message: 'spoilt for a test', reason, code: what };
        answer.writeHead(what, { 'content-type': 'application/json', ...(what === 429 ? { 'retry-after': '1' } : {}) });
        return answer.end(JSON.stringify(body));
      }
      const body = Buffer.concat(parts);
      const headers = Object.fromEntries(Object.entries(asked.headers).filter(([name]) => !/^:|^(host|connection|content-length)$/.test(name)));
      if (body.length > 0) headers['content-length'] = body.length;
      const sent = request({ agent, host: '127.0.0.1', port, method: asked.method, path: asked.url, headers }, (real) => {
        const got = [];
        real.on('data', (part) => got.push(part)).on('end', () => {
          if (what === 'held after') return;
          if (what === 'lost') return hangUp();
          answer.writeHead(real.statusCode, { 'content-type': real.headers['content-type'] ?? 'text/plain' });
          answer.end(Buffer.concat(got));
        });
      });
      sent.on('error', hangUp);
      sent.end(body);
    });
  },
);
server.on('session', (session) => { sessions.add(session); session.on('error', () => {}).on('close', () => sessions.delete(session)); });
server.listen(door, '127.0.0.1', () => console.log('ready'));`;

export async function startFaultyApi(host: Host): Promise<FaultyApi> {
  const [program = '', ...enter] = host.enter();
  await host.must('mkdir', ['-p', FOLDER]);
  const places = { certs: '/run/calico-test/kubernetes/certs', folder: FOLDER, door: DOOR, port: PORT };
  const words = [...enter, process.execPath, '-e', FAULTY, JSON.stringify(places)];
  const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  const seen = host.file(`${FOLDER}/seen`);
  writeFileSync(seen, '');
  return {
    url: `https://127.0.0.1:${DOOR}`,
    spoil: async (at, what) => {
      const ready = once(child.stdout, 'data');
      child.stdin.write(JSON.stringify({ at, what }));
      await ready;
      await sleep(0);
    },
    count: () => readFileSync(seen, 'utf8').split('\n').length - 1,
    close: () => void child.stdin.end(),
  };
}
