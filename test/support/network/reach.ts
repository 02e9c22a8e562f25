import { tools } from '../../../build/tools.ts';
import type { Host } from '../host/host.ts';

/** How often an echo is asked for, each for two seconds: a busy machine can be late with the first. */
const TRIES = 4;

/** Whether an address answers an echo, asked on the host or (with a name) in a namespace. */
export async function reaches(host: Host, address: string, from?: string): Promise<boolean> {
  const inside = from === undefined ? [] : ['nsenter', `--net=/run/netns/${from}`, '--'];
  const [program = '', ...args] = [...inside, tools().ping, '-c', '1', '-W', '2', address];
  for (let left = TRIES; left > 0; left--) {
    if ((await host.run(program, args)).exit === 0) return true;
  }
  return false;
}
