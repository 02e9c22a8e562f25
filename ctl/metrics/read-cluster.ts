import { readConfig } from '../../ipam/config/ipam-config.ts';
import { type Pool, readPools } from '../../ipam/config/pools.ts';
import { type Reservations, readReservations } from '../../ipam/config/reservations.ts';
import type { IPAMConfig } from '../../shared/calico/model.ts';
import { get, POOLS, RESERVATIONS } from '../../shared/datastore/query.ts';
import { IPAM_CONFIG } from '../../shared/datastore/ref.ts';
import { transact } from '../../shared/datastore/transaction.ts';
import type { Outcome, Plan } from '../../shared/datastore/view.ts';
import { inspectBy } from '../check/inspect.ts';
import type { Args } from '../command-line/command.ts';
import { type Context, openContext } from '../command-line/context.ts';
import { eachBlock } from '../ipam/scan-blocks.ts';
import { countFigures, type Figures } from './figures.ts';
import { type CheckFigures, countFindings } from './finding-families.ts';

/** What the datastore says of addresses at one time. */
export interface ClusterRead {
  readonly figures: Figures;
  readonly config: IPAMConfig;
  readonly pools: readonly Pool[];
  readonly nodes: readonly string[];
  /** Seconds of the first answer, with connecting; and of all. */
  readonly latency: number;
  readonly seconds: number;
}

/** Reads the datastore with connections and credentials of its own: those of a long-running process may have ended. */
export interface ClusterReader {
  cluster(): Promise<ClusterRead>;
  check(about: Pick<ClusterRead, 'pools' | 'nodes'>, grace: number): Promise<CheckFigures>;
}

const NODES_PAGE = 500;

/** Values that cannot be read are left to `ipam check`, which counts them. */
export function openReader({ world }: Pick<Context, 'world'>, args: Args): ClusterReader {
  const withContext = async <T>(work: (context: Context) => Promise<T>): Promise<T> => {
    const { context, close } = openContext(world, args);
    try {
      return await work(context);
    } finally {
      close();
    }
  };
  return {
    cluster: () => withContext((context) => readCluster(context, world.elapsed)),
    check: (about, grace) =>
      withContext(async (context) => {
        const began = world.elapsed();
        const findings = await checkBy(context, grace);
        const seconds = (world.elapsed() - began) / 1000;
        return { ...countFindings(findings, about), at: Number(world.now() / 1_000_000n) / 1000, seconds };
      }),
  };
}

async function checkBy(context: Context, grace: number) {
  const scan = context.openScan();
  try {
    return (await inspectBy({ world: context.world, progress: () => {} }, scan, { grace, node: undefined })).findings;
  } finally {
    scan.close();
  }
}

async function readCluster(context: Context, elapsed: () => number): Promise<ClusterRead> {
  const began = elapsed();
  const { config, pools, reservations } = await transact(context, readSurroundings);
  const latency = (elapsed() - began) / 1000;
  const nodes = await readNodes(context);
  const surroundings = { pools, reservations, cooldown: config.ipCooldownSeconds, nodes };
  const count = countFigures(surroundings, context.world.now());
  await eachBlock({ openScan: context.openScan, progress: () => {}, err: () => {} }, count.add);
  return { figures: count.figures(), config, pools, nodes, latency, seconds: (elapsed() - began) / 1000 };
}

interface Settings {
  readonly config: IPAMConfig;
  readonly pools: readonly Pool[];
  readonly reservations: Reservations;
}

function* readSurroundings(): Plan<Outcome<Settings>> {
  const view = yield [get(IPAM_CONFIG), POOLS, RESERVATIONS];
  const answer = { config: readConfig(view), pools: readPools(view), reservations: readReservations(view) };
  return { changes: [], answer };
}

async function readNodes({ openScan }: Context): Promise<readonly string[]> {
  const scan = openScan();
  try {
    const names: string[] = [];
    for await (const page of scan.pages({ all: 'Node', brief: true }, NODES_PAGE))
      names.push(...page.flatMap(({ ref }) => ('name' in ref ? [ref.name] : [])));
    return names;
  } finally {
    scan.close();
  }
}
