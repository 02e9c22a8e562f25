/**
 * A program that keeps a copy of what routing is computed from, as `calicoctl node run` does, and prints a line of JSON whenever
 * it changes. It reads the datastore's settings from the environment. For the executables' native part.
 */
import { platform } from '#platform';
import { DEFAULT_CONFIG } from '../../../ctl/command-line/config.ts';
import { openContext } from '../../../ctl/command-line/context.ts';
import { openNetworkCopy } from '../../../node/state/network-copy.ts';
import { NETWORK_KINDS } from '../../../node/state/network-kinds.ts';
import { failureText } from '../../../shared/error/failure-text.ts';
import { processWorld } from '../../../shared/system/process-world.ts';

/** What a copy says of itself. */
export interface Said {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** How many nodes it holds; 0 until it has read everything. */
  readonly size: number;
  /** What it holds; undefined until it has read everything, and of a copy so large that writing it would cost more than having it. */
  readonly holds:
    | {
        readonly nodes: Readonly<Record<string, string>>;
        readonly pools: readonly string[];
        readonly blocks: Readonly<Record<string, string>>;
        readonly peers: readonly string[];
      }
    | undefined;
  readonly trouble: string | undefined;
  readonly unusable: readonly string[];
}

const LARGE = 100;

const world = processWorld();
const text = (name: string) => (name === 'config' ? DEFAULT_CONFIG : undefined);
const { context } = openContext(world, { operands: [], flag: () => false, text, texts: () => [] });
const copy = openNetworkCopy({
  node: 'node1',
  feed: await context.openFeed(NETWORK_KINDS),
  world,
  changed: () => world.stdout(`${JSON.stringify(said())}\n`),
});
platform.onSignal('SIGTERM', () => {
  copy.close();
  platform.exit(0);
});

function said(): Said {
  const state = copy.state();
  const trouble = copy.trouble();
  return {
    at: Number(world.now() / 1_000_000n),
    size: state?.nodes.size ?? 0,
    holds:
      state === undefined || state.nodes.size >= LARGE
        ? undefined
        : {
            nodes: Object.fromEntries(
              [...state.nodes].map(([name, { ipv4Address }]) => [name, ipv4Address?.text ?? '']),
            ),
            pools: state.pools.map(({ pool }) => pool.name),
            blocks: Object.fromEntries(state.blocks.map(({ cidr, node }) => [cidr.text, node ?? ''])),
            peers: [...state.bgpPeers.keys()],
          },
    trouble: trouble && failureText(trouble),
    unusable: copy.unusable(),
  };
}
