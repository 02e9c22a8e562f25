import { readdirSync, readFileSync, rmSync } from 'node:fs';
import type { Host } from '../support/host/host.ts';
import type { Contestant } from './race.ts';

const FOLDER = '/run/calico/cni';

/** A contestant on a node of its own whose calls find no hint of an earlier one, as after a boot. */
export const withoutHints = (host: Host, contestant: Contestant, node: string): Contestant => ({
  ...contestant,
  before: () => forget(host.file(FOLDER), node),
  call: (command, pod) => {
    const call = contestant.call(command, pod);
    return { ...call, conf: { ...(call.conf as object), nodename: node } };
  },
});

function forget(folder: string, node: string): void {
  for (const name of readdirSync(folder).filter((each) => each.startsWith('hint-'))) {
    if (readFileSync(`${folder}/${name}`, 'utf8').includes(`"node":"${node}"`)) rmSync(`${folder}/${name}`);
  }
}
