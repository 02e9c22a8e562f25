import {
  blocksPrefix,
  CLUSTER_INFORMATION_KEY,
  CONFIG_KEY,
  nodeKey,
  poolsPrefix,
  profileKey,
  reservationsPrefix,
} from '../../shared/calico/keys.ts';
import { openScan, type Scan } from '../../shared/etcd/scan.ts';
import type { Entry } from '../../shared/etcd/view.ts';
import type { Context } from '../context.ts';
import { openChecker } from './checker.ts';
import { type Claim, type Cluster, claimsOf, readSettings, unreadable } from './cluster.ts';
import { clusterName } from './cluster-name.ts';
import { decodeEndpoint, ENDPOINTS_PREFIX, type Endpoint, usersOf } from './endpoints.ts';
import type { Finding } from './finding.ts';
import type { Inspection } from './inspection.ts';
import { lookAtKernel } from './kernel.ts';
import { HANDLES_PREFIX, type Ledger, openLedger } from './ledger.ts';
import { kernelFindings } from './on-node.ts';

export interface InspectOptions {
  /** Seconds that an address may be without an endpoint. */
  readonly grace: number;
  /** The node that we are on: its interfaces and routes are looked at, too. */
  readonly node: string | undefined;
}

/** Keys read at once: a page should be some megabytes. */
const PAGE = { blocks: 250, handles: 5_000, endpoints: 1_000, small: 500 } as const;

/** What a look needs of the world. */
export type Means = Pick<Context, 'world' | 'progress'>;

/** Reads everything that concerns addresses, at one revision, and says what is wrong with it. Throws StoreUnavailable. */
export async function inspect(context: Context, options: InspectOptions): Promise<Inspection> {
  const scan = openScan(context.etcd, context.world, context.log);
  try {
    return await inspectBy(context, scan, options);
  } finally {
    context.progress('');
    scan.close();
  }
}

/** As inspect, over a scan that is open. */
export async function inspectBy(means: Means, scan: Scan, { grace, node }: InspectOptions): Promise<Inspection> {
  const before = node === undefined ? undefined : lookAtKernel(means.world);
  const { cluster, endpoints, ...read } = await readCluster(means, scan, grace);
  const ledger = await readHandles(means, scan);
  const checked = await checkBlocks(means, scan, cluster, ledger);
  const kernel = before && node && kernelFindings(node, endpoints, before, lookAtKernel(means.world));
  return {
    revision: scan.revision(),
    at: cluster.now,
    cluster: read.name,
    counts: {
      blocks: checked.blocks,
      addresses: checked.allocated,
      handles: ledger.size(),
      claims: [...cluster.claims.values()].flat().length,
      endpoints: endpoints.length,
      pools: cluster.pools.length,
      nodes: cluster.nodes.size,
    },
    node,
    findings: [...read.findings, ...checked.findings, ...(kernel || [])],
  };
}

/** Every entry under a prefix, with a word on how far it has come. */
async function* each(means: Means, scan: Scan, prefix: string, what: string, size: number): AsyncGenerator<Entry> {
  let count = 0;
  for await (const page of scan.pages(prefix, size)) {
    count += page.length;
    means.progress(`Reading ${what} … ${count}`);
    yield* page;
  }
}

async function all(means: Means, scan: Scan, prefix: string, what: string): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of each(means, scan, prefix, what, PAGE.small)) entries.push(entry);
  return entries;
}

async function readCluster(means: Means, scan: Scan, grace: number) {
  const read = (prefix: string, what: string) => all(means, scan, prefix, what);
  const name = clusterName(await read(CLUSTER_INFORMATION_KEY, 'the cluster'));
  const pools = await read(poolsPrefix, 'pools');
  const reservations = await read(reservationsPrefix, 'reservations');
  const settings = readSettings([...pools, ...reservations, ...(await read(CONFIG_KEY, 'settings'))]);
  const claims = claimsOf([...(await read(HOSTS, 'claims')), ...(await read(VIRTUAL, 'claims'))]);
  const nodes = await read(nodeKey(''), 'nodes');
  const profiles = await read(profileKey(''), 'profiles');
  const { endpoints, findings } = await readEndpoints(means, scan);
  const cluster: Cluster = {
    now: means.world.now(),
    grace,
    config: settings.config,
    pools: settings.pools,
    nodes: new Set(nodes.map(({ key }) => key.slice(nodeKey('').length))),
    claims: byBlock(claims),
    users: usersOf(endpoints),
    profiles: new Set(profiles.map(({ key }) => key.slice(profileKey('').length))),
  };
  return { name, cluster, endpoints, findings: [...settings.findings, ...findings] };
}

const HOSTS = '/calico/ipam/v2/host/';
const VIRTUAL = '/calico/ipam/v2/virtual/';

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

/** All endpoints, and what of them cannot be read. */
export async function readEndpoints(
  means: Means,
  scan: Scan,
): Promise<{ readonly endpoints: readonly Endpoint[]; readonly findings: readonly Finding[] }> {
  const endpoints: Endpoint[] = [];
  const findings: Finding[] = [];
  for await (const entry of each(means, scan, ENDPOINTS_PREFIX, 'endpoints', PAGE.endpoints)) {
    try {
      endpoints.push(decodeEndpoint(entry));
    } catch {
      findings.push(unreadable(entry, 'its addresses may look unused'));
    }
  }
  return { endpoints, findings };
}

async function readHandles(means: Means, scan: Scan): Promise<Ledger> {
  const ledger = openLedger();
  for await (const entry of each(means, scan, HANDLES_PREFIX, 'handles', PAGE.handles)) ledger.told(entry);
  return ledger;
}

async function checkBlocks(means: Means, scan: Scan, cluster: Cluster, ledger: Ledger) {
  const checker = openChecker(cluster, ledger);
  for (const family of [4, 6] as const) {
    const what = `blocks (IPv${family})`;
    for await (const entry of each(means, scan, blocksPrefix(family), what, PAGE.blocks)) checker.block(entry);
  }
  return checker.finish();
}
