import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Host } from '../host/host.ts';

const SERVER = `
const [port, log, ...statuses] = process.argv.slice(1);
const { appendFileSync } = require('node:fs');
let asked = 0;
require('node:http').createServer((request, response) => {
  appendFileSync(log, request.url + '\\n');
  const status = Number(statuses[Math.min(asked++, statuses.length - 1)]);
  response.writeHead(status, status < 400 && status >= 300 ? { location: '/elsewhere' } : {}).end();
}).listen(Number(port), '127.0.0.1', () => console.log('listening'));`;

/** A readiness gate on the host. Answers with these statuses in turn, then always with the last. */
export interface Gate {
  readonly url: string;
  /** The requested paths so far. */
  asked(): readonly string[];
  close(): Promise<void>;
}

export async function openGate(host: Host, port: number, ...statuses: readonly number[]): Promise<Gate> {
  const log = `/run/calico-test/gate-${port}`;
  await host.must('touch', [log]);
  const [program = '', ...enter] = host.enter();
  const words = [process.execPath, '-e', SERVER, String(port), log, ...statuses.map(String)];
  const child = spawn(program, [...enter, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return {
    url: `http://127.0.0.1:${port}/readiness`,
    asked: () => readFileSync(host.file(log), 'utf8').split('\n').filter(Boolean),
    close: async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
