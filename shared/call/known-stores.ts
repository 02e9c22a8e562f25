import { platform } from '#platform';
import { type ApiGroup, apiVersionOf, configuredGroup, V1 } from '../kubernetes-datastore/api-group.ts';
import { exists } from '../system/files.ts';
import { readRootFile, writeRootFile } from '../system/root-file.ts';

/**
 * Which datastore last answered behind each endpoint, by the endpoint's mark. A DEL that reaches no endpoint can then still
 * tell which datastore its release is for. `GROUP` and a mark: the API group found behind it, where that is not the usual one.
 */
export type KnownStores = ReadonlyMap<string, string>;

const GROUP = 'group ';
const FILE = '/var/lib/calico/cni-stores.json';
/** How many endpoints are remembered; the oldest are dropped first. */
const MOST = 64;
const LIMIT = 64 << 10;

/** What this host remembers; nothing when the file cannot be read or is invalid. */
export function knownStores(): KnownStores {
  if (!exists(FILE)) return new Map();
  try {
    const found = Object.entries(JSON.parse(readRootFile(FILE, LIMIT).text) as object);
    return new Map(found.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  } catch {
    return new Map();
  }
}

/** The API group to ask first for behind one of these endpoints; undefined where no call has found another than the usual one. */
export function knownGroup(marks: readonly string[]): ApiGroup | undefined {
  const known = knownStores();
  return marks.map((mark) => configuredGroup(known.get(GROUP + mark) ?? '')).find((group) => group !== undefined);
}

/** Remembers the datastore that answered behind these endpoints, and its API group if that was found out. A disk error does not fail the call. */
export function rememberStore(
  marks: readonly string[],
  cluster: string | undefined,
  group: ApiGroup | undefined,
): void {
  if (cluster === undefined) return;
  const known = knownStores();
  const learnt = new Map<string, string | undefined>(marks.map((mark) => [mark, cluster]));
  if (group !== undefined)
    for (const mark of marks) learnt.set(GROUP + mark, group === V1 ? undefined : apiVersionOf(group));
  if ([...learnt].every(([key, value]) => known.get(key) === value)) return;
  const others = [...known].filter(([key]) => !learnt.has(key));
  const kept = [...others, ...[...learnt].filter(([, value]) => value !== undefined)].slice(-MOST);
  try {
    writeRootFile(FILE, `${FILE}.${platform.pid}`, JSON.stringify(Object.fromEntries(kept)), false);
  } catch {
    // Then a release has to wait for a call with one of the same endpoints.
  }
}
