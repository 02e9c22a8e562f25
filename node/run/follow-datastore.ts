import type { Args } from '../../ctl/command-line/command.ts';
import { type Context, openContext } from '../../ctl/command-line/context.ts';
import type { World } from '../../shared/system/world.ts';
import { announcesServices } from '../bgp/settings.ts';
import { ServiceCopy } from '../served/served-copy.ts';
import { type NetworkCopy, openNetworkCopy } from '../state/network-copy.ts';
import { NETWORK_KINDS } from '../state/network-kinds.ts';
import type { NetworkState } from '../state/network-state.ts';

/** The datastore as the settings of one time name it, and a copy of what routing depends on. */
export interface FollowedDatastore {
  readonly context: Context;
  readonly copy: NetworkCopy;
  close(): void;
}

interface Following {
  /** This node's name. */
  readonly node: string;
  /** Whether addresses of services may be announced. */
  readonly withServices: boolean;
  /** Called after the state or the trouble has changed. Must not throw. */
  readonly changed: () => void;
}

/** Follows the datastore that configuration file and environment name now. Throws a Failure when they are wrong. */
export async function followDatastore(
  world: World,
  args: Args,
  { node, withServices, changed }: Following,
): Promise<FollowedDatastore> {
  const { context, close } = openContext(world, args);
  try {
    const feed = await context.openFeed(NETWORK_KINDS);
    const { openFeed } = context;
    // Kubernetes' services are known in Kubernetes only.
    const isWanted = withServices && context.target.type === 'kubernetes';
    const services = isWanted ? new ServiceCopy({ node, openFeed, world, changed }) : undefined;
    const copy = openNetworkCopy({
      node,
      feed,
      world,
      changed: () => {
        const state = copy.state();
        services?.want(state !== undefined && announcesServices(state));
        changed();
      },
    });
    return {
      context,
      copy: services === undefined ? copy : withServicesOf(copy, services),
      close() {
        services?.close();
        copy.close();
        close();
      },
    };
  } catch (thrown) {
    close();
    throw thrown;
  }
}

/** The copy, with what this node serves of Kubernetes' services. */
function withServicesOf(copy: NetworkCopy, services: ServiceCopy): NetworkCopy {
  let made: { readonly of: NetworkState; readonly state: NetworkState } | undefined;
  return {
    ...copy,
    state() {
      const [state, served] = [copy.state(), services.routing()];
      if (state === undefined || served === undefined) return undefined;
      if (made?.of !== state || made.state.services !== served)
        made = { of: state, state: { ...state, services: served } };
      return made.state;
    },
    trouble: () => copy.trouble() ?? services.trouble(),
  };
}
