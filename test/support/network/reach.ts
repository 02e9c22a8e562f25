import { tools } from '../../../build/tools.ts';
import type { Host } from '../host/host.ts';

/** Whether an address answers an echo within two seconds, asked on the host or (with a name) in a namespace. */
export async function reaches(host: Host, address: string, from?: string): Promise<boolean> {
  const inside = from === undefined ? [] : ['nsenter', `--net=/run/netns/${from}`, '--'];
  const [program = '', ...args] = [...inside, tools().ping, '-c', '1', '-W', '2', address];
  return (await host.run(program, args)).exit === 0;
}
