import { fileContent } from '../../shared/call/node-name.ts';
import { networkProcesses, seesAllProcesses } from '../../shared/system/processes.ts';
import type { MachinePrograms } from './other-programs.ts';

/** What runs in this machine's network. */
export const machinePrograms = (): MachinePrograms => ({
  programs: networkProcesses(),
  areAll: seesAllProcesses(),
  ports: ['tcp', 'tcp6'].flatMap((table) => listening(fileContent(`/proc/net/${table}`))),
});

const LISTEN = '0A';

/** The ports of sockets that listen, from /proc/net/tcp. */
function listening(table: string): readonly number[] {
  return table.split('\n').flatMap((line) => {
    const [, local = '', , state] = line.trim().split(/\s+/);
    return state === LISTEN ? [Number.parseInt(local.split(':').at(-1) ?? '', 16)] : [];
  });
}
