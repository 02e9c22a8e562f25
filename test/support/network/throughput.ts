import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { tools } from '../../../build/tools.ts';
import type { Host } from '../host/host.ts';

/** Without the first second, in which the token bucket empties. */
const SECONDS = ['-O', '1', '-t', '2'];

/** Where an end of a connection is: a named namespace of the host, or (undefined) the host itself. */
type Place = string | undefined;

const at = (place: Place, ...words: readonly string[]) =>
  place === undefined ? words : ['nsenter', `--net=/run/netns/${place}`, '--', ...words];

/** TCP throughput in bits per second, measured by iperf3 over two seconds, from `address` in `from` to a receiver in `to`. */
export async function throughput(host: Host, from: Place, address: string, to: Place): Promise<number> {
  const { iperf3 = 'iperf3' } = tools();
  const [program = '', ...enter] = host.enter();
  const listen = [...enter, ...at(from, iperf3, '-s', '-1', '-B', address, '--forceflush')];
  const sender = spawn(program, listen, { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await untilListening(sender);
    const [receiver = '', ...args] = at(to, iperf3, '-c', address, '-R', ...SECONDS, '-J');
    const { end } = JSON.parse(await host.must(receiver, args));
    return Math.round(end.sum_received.bits_per_second);
  } finally {
    if (sender.exitCode === null) {
      sender.kill('SIGKILL');
      await once(sender, 'exit');
    }
  }
}

async function untilListening(server: ChildProcessByStdio<null, Readable, null>): Promise<void> {
  let said = '';
  for await (const part of server.stdout.iterator({ destroyOnReturn: false })) {
    said += part;
    if (said.includes('listening')) break;
  }
  server.stdout.resume();
}
