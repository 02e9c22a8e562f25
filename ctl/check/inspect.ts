import { journalled } from '../../ipam/journal/journal-files.ts';
import { felixRuns } from '../../plugins/linux/felix.ts';
import type { Scan } from '../../shared/datastore/datastore.ts';
import type { Entry, ListQuery } from '../../shared/datastore/query.ts';
import type { Context } from '../command-line/context.ts';
import { chainedShapers } from './chained-shaper.ts';
import { openChecker } from './checker.ts';
import { type Claim, type Cluster, claimsOf, readSettings, tunnelsOf, unreadable } from './cluster.ts';
import { clusterState } from './cluster-state.ts';
import { confLists } from './conf-lists.ts';
import { decodeEndpoint, type Endpoint, openUsers } from './endpoints.ts';
import type { Finding } from './finding.ts';
import { type Ledger, openLedger } from './handle-counts.ts';
import type { Inspection } from './inspection.ts';
import { lookAtKernel } from './kernel.ts';
import { isLeftBehind } from './left-behind.ts';
import { noticingOddities } from './oddities.ts';
import { kernelFindings } from './on-node.ts';
import { withWaitingReleases } from './waiting-releases.ts';

export interface InspectOptions {
  /** How many seconds an address may be without an endpoint. */
  readonly grace: number;
  /** The node that this runs on: its interfaces and routes are checked too. */
  readonly node: string | undefined;
}

/** Objects in one page: some megabytes. For each page etcd goes through the rest of the range, so there must not be many pages. */
const PAGE = { blocks: 500, handles: 20_000, endpoints: 5_000, small: 5_000 } as const;

/** What a check needs from outside. */
export type CheckContext = Pick<Context, 'world' | 'progress'>;

/** Reads everything that concerns addresses, and returns what is wrong with it. Throws 'datastore unavailable'. */
export async function inspect(context: Context, options: InspectOptions): Promise<Inspection> {
  const scan = context.openScan();
  try {
    return await inspectBy(context, scan, options);
  } finally {
    context.progress('');
    scan.close();
  }
}

/** The same, with a scan that is already open. */
export async function inspectBy(
  context: CheckContext,
  whole: Scan,
  { grace, node }: InspectOptions,
): Promise<Inspection> {
  const { scan, findings: oddities } = noticingOddities(whole);
  const before = node === undefined ? undefined : lookAtKernel(context.world);
  const here: Endpoint[] = [];
  const { cluster, ...read } = await readCluster(context, scan, grace, (endpoint) => {
    if (endpoint.node === node || before?.links.has(endpoint.interfaceName)) here.push(endpoint);
  });
  const ledger = await readHandles(context, scan);
  const checked = await checkBlocks(context, scan, cluster, ledger);
  const kernel =
    before &&
    node &&
    kernelFindings(node, { endpoints: here, nodes: cluster.nodes }, before, lookAtKernel(context.world));
  return {
    version: scan.version(),
    at: cluster.now,
    cluster: read.name,
    counts: {
      blocks: checked.blocks,
      addresses: checked.allocated,
      handles: ledger.size(),
      claims: [...cluster.claims.values()].flat().length,
      endpoints: read.endpoints,
      pools: cluster.pools.length,
      nodes: cluster.nodes.size,
    },
    node,
    findings: [
      ...read.findings,
      ...oddities(),
      ...checked.findings,
      ...withWaitingReleases(kernel || [], kernel ? journalled() : [], read.name.guid),
      ...(kernel ? chainedShapers(confLists(context.world), felixRuns()) : []),
    ],
  };
}

/** Every object of a kind. Shows how many have been read. */
async function* each(
  context: CheckContext,
  scan: Scan,
  kind: ListQuery['all'],
  what: string,
  size: number,
): AsyncGenerator<Entry> {
  let count = 0;
  for await (const page of scan.pages({ all: kind, strays: true }, size)) {
    count += page.length;
    context.progress(`Reading ${what} … ${count}`);
    yield* page;
  }
}

async function all(context: CheckContext, scan: Scan, kind: ListQuery['all'], what: string): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of each(context, scan, kind, what, PAGE.small)) entries.push(entry);
  return entries;
}

async function readCluster(context: CheckContext, scan: Scan, grace: number, see: (endpoint: Endpoint) => void) {
  const read = (kind: ListQuery['all'], what: string) => all(context, scan, kind, what);
  const name = clusterState(await read('ClusterInformation', 'the cluster'));
  const pools = await read('IPPool', 'pools');
  const reservations = await read('IPReservation', 'reservations');
  const settings = readSettings([...pools, ...reservations, ...(await read('ipamConfig', 'settings'))]);
  const claims = claimsOf(await read('affinity', 'claims'));
  const nodes = await read('Node', 'nodes');
  const profiles = await read('Profile', 'profiles');
  const names = namesOf(nodes);
  const users = openUsers();
  const leftBehind: Endpoint[] = [];
  const { count, findings } = await readEndpoints(context, scan, (endpoint) => {
    users.add(endpoint);
    const holds = endpoint.addresses.length > 0;
    if (holds && isLeftBehind({ nodes: names }, endpoint)) leftBehind.push(endpoint);
    see(endpoint);
  });
  const cluster: Cluster = {
    now: context.world.now(),
    grace,
    config: settings.config,
    pools: settings.pools,
    nodes: names,
    claims: byBlock(claims),
    users,
    tunnels: tunnelsOf(nodes),
    leftBehind,
    profiles: namesOf(profiles),
  };
  return { name, cluster, endpoints: count, findings: [...settings.findings, ...findings] };
}

const namesOf = (entries: readonly Entry[]): ReadonlySet<string> =>
  new Set(entries.flatMap(({ ref }) => ('name' in ref ? [ref.name] : [])));

function byBlock(claims: readonly Claim[]): ReadonlyMap<string, readonly Claim[]> {
  const found = new Map<string, Claim[]>();
  for (const claim of claims) {
    const { text } = claim.cidr;
    const known = found.get(text);
    if (known === undefined) found.set(text, [claim]);
    else known.push(claim);
  }
  return found;
}

/** Passes every endpoint to `take`. Returns how many there are, and those that cannot be read. */
export async function readEndpoints(
  context: CheckContext,
  scan: Scan,
  take: (endpoint: Endpoint) => void,
): Promise<{ readonly count: number; readonly findings: readonly Finding[] }> {
  let count = 0;
  const findings: Finding[] = [];
  for await (const entry of each(context, scan, 'WorkloadEndpoint', 'endpoints', PAGE.endpoints)) {
    count++;
    try {
      take(decodeEndpoint(entry));
    } catch {
      findings.push(unreadable(entry, 'its addresses may look unused'));
    }
  }
  return { count, findings };
}

async function readHandles(context: CheckContext, scan: Scan): Promise<Ledger> {
  const ledger = openLedger();
  for await (const entry of each(context, scan, 'handle', 'handles', PAGE.handles)) ledger.handle(entry);
  return ledger;
}

async function checkBlocks(context: CheckContext, scan: Scan, cluster: Cluster, ledger: Ledger) {
  const checker = openChecker(cluster, ledger);
  for await (const entry of each(context, scan, 'block', 'blocks', PAGE.blocks)) checker.block(entry);
  return checker.finish(checker.needsMachines() ? await scan.virtualMachines?.() : undefined);
}
