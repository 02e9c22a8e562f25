import type { Args } from '../../ctl/command-line/command.ts';
import { type Context, openContext } from '../../ctl/command-line/context.ts';
import type { World } from '../../shared/system/world.ts';
import { type NetworkCopy, openNetworkCopy } from '../state/network-copy.ts';
import { NETWORK_KINDS } from '../state/network-kinds.ts';

/** The datastore as the settings of one time name it, and a copy of what routing depends on. */
export interface FollowedDatastore {
  readonly context: Context;
  readonly copy: NetworkCopy;
  close(): void;
}

/** Follows the datastore that configuration file and environment name now. Throws a Failure when they are wrong. */
export async function followDatastore(
  world: World,
  args: Args,
  node: string,
  changed: () => void,
): Promise<FollowedDatastore> {
  const { context, close } = openContext(world, args);
  try {
    const feed = await context.openFeed(NETWORK_KINDS);
    const copy = openNetworkCopy({ node, feed, world, changed });
    return {
      context,
      copy,
      close() {
        copy.close();
        close();
      },
    };
  } catch (thrown) {
    close();
    throw thrown;
  }
}
