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

/** Every object of a kind, in pages: waiting for each alone would take longer than all that is done with it. Shows how many have been read. */
async function* pages(
  context: CheckContext,
  scan: Scan,
  kind: ListQuery['all'],
  what: string,
  size: number,
): AsyncGenerator<readonly Entry[]> {
  let count = 0;
  for await (const page of scan.pages({ all: kind, strays: true, brief: true }, size)) {
    count += page.length;
    context.progress(`Reading ${what} … ${count}`);
    yield page;
  }
}

/** What is kept of each object of a kind. Their values together may be many times as long. */
async function kept<T>(
  context: CheckContext,
  scan: Scan,
  [kind, what]: readonly [ListQuery['all'], string],
  keep: (entry: Entry) => readonly T[],
): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const page of pages(context, scan, kind, what, PAGE.small)) all.push(...page.flatMap(keep));
  return all;
}

async function readCluster(context: CheckContext, scan: Scan, grace: number, see: (endpoint: Endpoint) => void) {
  const read = (kind: ListQuery['all'], what: string) => kept(context, scan, [kind, what], (entry) => [entry]);
  const name = clusterState(await read('ClusterInformation', 'the cluster'));
  const pools = await read('IPPool', 'pools');
  const reservations = await read('IPReservation', 'reservations');
  const settings = readSettings([...pools, ...reservations, ...(await read('ipamConfig', 'settings'))]);
  const claims = await kept(context, scan, ['affinity', 'claims'], claimsOf);
  const nodes = await kept(context, scan, ['Node', 'nodes'], (entry) =>
    nameIn(entry).map((node) => [node, tunnelsOf(entry)] as const),
  );
  const profiles = await kept(context, scan, ['Profile', 'profiles'], nameIn);
  const names = new Set(nodes.map(([node]) => node));
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
    tunnels: new Map(nodes.flatMap(([, tunnels]) => tunnels)),
    leftBehind,
    profiles: new Set(profiles),
  };
  return { name, cluster, endpoints: count, findings: [...settings.findings, ...findings] };
}

const nameIn = ({ ref }: Entry): readonly string[] => ('name' in ref ? [ref.name] : []);

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
  for await (const page of pages(context, scan, 'WorkloadEndpoint', 'endpoints', PAGE.endpoints)) {
    count += page.length;
    for (const entry of page) {
      try {
        take(decodeEndpoint(entry));
      } catch {
        findings.push(unreadable(entry, 'its addresses may look unused'));
      }
    }
  }
  return { count, findings };
}

async function readHandles(context: CheckContext, scan: Scan): Promise<Ledger> {
  const ledger = openLedger();
  for await (const page of pages(context, scan, 'handle', 'handles', PAGE.handles)) page.forEach(ledger.handle);
  return ledger;
}

async function checkBlocks(context: CheckContext, scan: Scan, cluster: Cluster, ledger: Ledger) {
  const checker = openChecker(cluster, ledger);
  for await (const page of pages(context, scan, 'block', 'blocks', PAGE.blocks)) page.forEach(checker.block);
  return checker.finish(checker.needsMachines() ? await scan.virtualMachines?.() : undefined);
}
