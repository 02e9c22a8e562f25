import { asObject } from '../../shared/calico/stored.ts';
import { endpointMarks } from '../../shared/datastore/endpoint-marks.ts';
import { handleOf } from '../block/handle-id.ts';

/** The release of one container. */
export interface JournalEntry {
  readonly network: string;
  readonly containerID: string;
  readonly node: string;
  readonly store: StoreSought;
  /** When the release was due, nanoseconds since 1970: later allocations are not released. */
  readonly due: bigint;
  /** Empty when another IPAM plugin held the addresses. */
  readonly handleIDs: readonly string[];
  /** What `calico` has to delete besides the addresses; undefined for a release by `calico-ipam`. */
  readonly endpoint?: Readonly<Record<string, unknown>>;
}

/** The datastore that a release is for, as far as this host could tell without reaching it. */
export interface StoreSought {
  /** Its clusterGUID, or etcd's own id; undefined when no call on this host has ever read it. */
  readonly cluster?: string;
  /** Marks of the endpoints of the call that could not reach it. */
  readonly endpoints: readonly string[];
  /** Clusters in which the container has been started again since: nothing there may be released. */
  readonly not: readonly string[];
}

/** The datastore that a call works with. */
export interface StoreHere {
  /** Undefined where it has neither a clusterGUID nor an id. */
  readonly cluster: string | undefined;
  readonly endpoints: readonly string[];
}

/**
 * Whether a release is for the datastore that a call works with. `known`: the cluster last seen behind an endpoint's mark.
 * Unknown: this host cannot tell, so the release has to wait.
 */
export function isFor(
  { cluster, endpoints, not }: StoreSought,
  here: StoreHere,
  known: ReadonlyMap<string, string>,
): 'this store' | 'another' | 'unknown' {
  if (here.cluster !== undefined && not.includes(here.cluster)) return 'another';
  const clusters = cluster === undefined ? endpoints.flatMap((mark) => known.get(mark) ?? []) : [cluster];
  if (here.cluster !== undefined && clusters.length > 0) {
    return clusters.includes(here.cluster) ? 'this store' : 'another';
  }
  return endpoints.some((mark) => here.endpoints.includes(mark)) ? 'this store' : 'unknown';
}

/** An entry as its file holds it. */
export const entryText = ({ store, due, ...entry }: JournalEntry): string =>
  JSON.stringify({ ...entry, ...store, due: String(due) });

/** Older versions stored the text of the endpoints; this stood there when the configuration had none. */
const FROM_ENVIRONMENT = 'from the environment';
/** Used instead of an endpoint's mark when the endpoints come from the environment, in those entries and in a call's configuration. */
const ENVIRONMENT = 'environment';

/** The datastore of a call whose configuration names these endpoints. */
export const storeHere = (
  { endpoints, discoverySrv }: { readonly endpoints: string; readonly discoverySrv: string },
  here: StoreHere,
): StoreHere =>
  endpoints === '' && discoverySrv === '' ? { ...here, endpoints: [...here.endpoints, ENVIRONMENT] } : here;

/** The entry that a file holds; throws, with the reason, when no DEL can have written it. */
export function readEntry(text: string, writtenAt: bigint): JournalEntry {
  const fields = objectIn(text);
  const [network, containerID, node] = [
    textIn(fields, 'network'),
    textIn(fields, 'containerID'),
    textIn(fields, 'node'),
  ];
  const { endpoint } = fields;
  if (endpoint !== undefined && !isEndpoint(endpoint, containerID))
    throw new Error('endpoint does not belong to this container');
  const handleIDs = textsIn(fields, 'handleIDs');
  const foreign = handleIDs.find((handleID) => !isHandleOf(handleID, network, containerID, asObject(endpoint)));
  if (foreign !== undefined) throw new Error(`handle ${foreign} does not belong to this container`);
  const due = fields['due'] === undefined ? writtenAt : timeIn(fields);
  return { network, containerID, node, store: storeIn(fields), due, handleIDs, ...(endpoint ? { endpoint } : {}) };
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error('not JSON');
  }
  const fields = asObject(value);
  if (fields === undefined) throw new Error('not a JSON object');
  return fields;
}

function storeIn(fields: Readonly<Record<string, unknown>>): StoreSought {
  const { store, cluster } = fields;
  if (typeof store !== 'string') {
    const known = cluster === undefined ? {} : { cluster: textIn(fields, 'cluster') };
    return { ...known, endpoints: textsIn(fields, 'endpoints'), not: textsIn(fields, 'not') };
  }
  if (store === FROM_ENVIRONMENT) return { endpoints: [ENVIRONMENT], not: [] };
  const endpoints = store.split(',').map((each) => each.trim());
  const isDomain = endpoints.every((each) => !each.includes(':'));
  return {
    endpoints: endpointMarks(isDomain ? { endpoints: [], discoverySrv: store } : { endpoints, discoverySrv: '' }),
    not: [],
  };
}

function textIn(fields: Readonly<Record<string, unknown>>, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string' || value === '') throw new Error(`${name} is not a string`);
  return value;
}

function textsIn(fields: Readonly<Record<string, unknown>>, name: string): readonly string[] {
  const value = fields[name] ?? [];
  const isList = Array.isArray(value) && value.every((each) => typeof each === 'string');
  if (!isList) throw new Error(`${name} is not a list of strings`);
  return value;
}

function timeIn(fields: Readonly<Record<string, unknown>>): bigint {
  const text = textIn(fields, 'due');
  if (!/^\d{1,20}$/.test(text)) throw new Error('due is not a time');
  return BigInt(text);
}

/** Whether this is one of `calico`'s identities: a container's handles and names, which are looked up and deleted. */
const TEXTS = ['orchestrator', 'node', 'namespace', 'containerID', 'pod', 'workload', 'endpoint'] as const;
const NAMES = ['endpointName', 'endpointPrefix', 'hostVeth', 'handleID', 'legacyHandleID'] as const;

function isEndpoint(value: unknown, containerID: string): value is Readonly<Record<string, unknown>> {
  const fields = asObject(value);
  if (fields === undefined || fields['containerID'] !== containerID) return false;
  const made = fields['made'] === undefined ? { uid: '', mac: '' } : asObject(fields['made']);
  const isMade = typeof made?.['uid'] === 'string' && typeof made['mac'] === 'string';
  return isMade && [...TEXTS, ...NAMES].every((name) => typeof fields[name] === 'string');
}

/** A handle of this container in this network, also as very old versions named it. */
function isHandleOf(
  handleID: string,
  network: string,
  containerID: string,
  endpoint: Readonly<Record<string, unknown>> | undefined,
): boolean {
  if (handleID === handleOf(network, containerID) || handleID === containerID) return true;
  if (endpoint !== undefined) return handleID === `${endpoint['namespace']}.${endpoint['pod']}`;
  // calico-ipam knows nothing of the pod. A handle that begins like this network's belongs to another container.
  return handleID.includes('.') && !handleID.startsWith(handleOf(network, ''));
}
