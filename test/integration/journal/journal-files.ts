import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import type { Bed, CallChanges, Container } from '../../support/bed/bed.ts';
import { conf } from '../../support/stored/cluster.ts';

/** The journal's directory on a node. */
export const FOLDER = '/var/lib/calico/cni-journal';

/** A network whose addresses come from host-local. */
export const HOST_LOCAL: CallChanges = {
  conf: conf({ ipam: { type: 'host-local', subnet: '10.80.0.0/24', dataDir: '/run/calico-test/host-local' } }),
};

/** Runs `work` with etcd's port unreachable. The test itself talks to etcd over a unix socket. */
export async function cutOff<T>(bed: Bed, work: () => Promise<T>): Promise<T> {
  await bed.host.must('ip', ['link', 'set', 'lo', 'down']);
  try {
    return await work();
  } finally {
    await bed.host.must('ip', ['link', 'set', 'lo', 'up']);
  }
}

/** A DEL that cannot reach etcd. */
export const deadDel = (bed: Bed, container: Container, changes: CallChanges = {}) =>
  cutOff(bed, () => bed.del(container, changes));

const path = (bed: Bed, name: string) => bed.host.file(`${FOLDER}/${name}`);

/** The text of a file in the journal. */
export const read = (bed: Bed, name: string) => readFileSync(path(bed, name), 'utf8');

/** The names of the files in the journal. */
export const entries = (bed: Bed) => (existsSync(path(bed, '')) ? readdirSync(path(bed, '')).sort() : []);

/** The permissions of a file on the node, in octal. */
export const mode = (bed: Bed, file: string) => (statSync(bed.host.file(file)).mode & 0o777).toString(8);

/** Writes a file into the journal. */
export function write(bed: Bed, name: string, text: string): void {
  mkdirSync(path(bed, ''), { recursive: true });
  writeFileSync(path(bed, name), text, { mode: 0o600 });
}

/** The containers that hold addresses of net1. */
export async function handles(bed: Bed): Promise<readonly string[]> {
  const keys = Object.keys(await bed.etcd.dump('/calico/ipam/v2/handle/'));
  return keys.map((key) => key.slice(key.lastIndexOf('/net1.') + '/net1.'.length));
}
