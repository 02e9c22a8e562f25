import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from '../support/host/host.ts';
import type { Dump } from '../support/invariants/ipam-dump.ts';
import type { Cluster } from './clusters/cluster.ts';
import { wrong } from './clusters/wrong.ts';

/** Where host-local keeps its leases on a test machine. */
export const LEASES = '/run/calico-test/host-local';

/** How foreign files in the journal are named, which must stay. */
export const HOSTILE = 'hostile-';

/** A line for each interface (of the host and of every named netns), route, rule, journal entry and lease. */
const LOOK = `
cd /proc/sys/net/ipv4/conf; printf '# host link\\n'; printf '%s\\n' *; cd /
for family in -4 -6; do
  echo "# route"; ip $family route show table all
  echo "# rule"; ip $family rule show
done
for path in /run/netns/*; do
  echo "# link in \${path##*/}"; nsenter "--net=$path" cat /proc/net/dev
done
echo '# journal entry'; ls -A /var/lib/calico/cni-journal 2>/dev/null
echo '# lease'; ls -A ${LEASES}/net1 2>/dev/null
true`;

/** The machine's state outside the datastore, sorted, without the uplink's own routes, which come and go. */
export async function look(host: Host): Promise<readonly string[]> {
  const sections = (await host.must('sh', ['-c', LOOK])).split('# ').map((text) => text.split('\n'));
  const lines = sections.flatMap(([what = '', ...found]) => found.flatMap((line) => noted(what, line)));
  return lines.sort();
}

/** A line of a section, or nothing if it is not of interest. */
function noted(what: string, line: string): readonly string[] {
  if (line === '' || line.startsWith(HOSTILE) || / uplink|dev lo\b|^last_reserved|^lock$/.test(line)) return [];
  if (!what.startsWith('link in')) return [`${what} ${line.trim()}`];
  const name = /^ *(\S+):/.exec(line)?.[1];
  return name === undefined ? [] : [`${what} ${name}`];
}

/** The state of a machine without containers. */
export interface Bare {
  readonly lines: readonly string[];
  readonly keys: ReadonlySet<string>;
}

export const bare = async (cluster: Cluster): Promise<Bare> => ({
  lines: await look(cluster.host),
  keys: new Set(Object.keys(await cluster.dump())),
});

/** A program started by a killed call exits within this time. */
const PATIENCE_MS = 2000;

/** The leftovers of deleted containers, one per line. Blocks stay with the node, and profiles with the network. */
export async function remains(cluster: Cluster, before: Bare): Promise<readonly string[]> {
  for (let waited = 0; ; waited += 50) {
    const left = [...(await inKernel(cluster, before)), ...inDatastore(cluster, await cluster.dump(), before)];
    if (left.length === 0 || waited >= PATIENCE_MS) return left;
    await sleep(50);
  }
}

/** The same without the datastore: interfaces, routes, rules, journal entries and leases. */
export async function inKernel({ host }: Pick<Cluster, 'host'>, { lines }: Bare): Promise<readonly string[]> {
  const now = await look(host);
  const gone = lines.filter((line) => !now.includes(line)).map((line) => `missing: ${line}`);
  return [...now.filter((line) => !lines.includes(line)), ...gone];
}

/** The leftovers of deleted containers in the datastore. */
export function inDatastore(
  cluster: Pick<Cluster, 'datastore'>,
  dump: Dump,
  { keys }: Pick<Bare, 'keys'>,
): readonly string[] {
  const left = Object.keys(dump).filter((key) => !keys.has(key) && !/\/block\/|\/profiles\/net1$/.test(key));
  return [...left.map((key) => `key ${key}`), ...wrong(cluster, dump, true)];
}
