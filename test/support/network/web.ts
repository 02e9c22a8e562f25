import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Host } from '../host/host.ts';

const SERVER = `
const [port, text] = process.argv.slice(1);
require('node:http').createServer((_, response) => response.end(text)).listen(Number(port), () => console.log('listening'));`;
const CLIENT = `
fetch(process.argv[1], { signal: AbortSignal.timeout(3000) }).then((answer) => answer.text()).then(console.log);`;

/** Runs `work` while a web server in a named namespace answers `text`. */
export async function whileServing(
  host: Host,
  netns: string,
  port: number,
  text: string,
  work: () => Promise<void>,
): Promise<void> {
  const [program = '', ...enter] = host.enter();
  const inside = ['nsenter', `--net=/run/netns/${netns}`, '--', process.execPath, '-e', SERVER, String(port), text];
  const child = spawn(program, [...enter, ...inside], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await once(child.stdout, 'data');
    await work();
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}

/** The answer of a URL within three seconds, from the host or (with a name) from a namespace; '' for none. */
export async function fetched(host: Host, url: string, from?: string): Promise<string> {
  const inside = from === undefined ? [] : ['nsenter', `--net=/run/netns/${from}`, '--'];
  const [program = '', ...args] = [...inside, process.execPath, '-e', CLIENT, url];
  return (await host.run(program, args)).stdout.trim();
}
