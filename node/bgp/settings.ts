import { addressBits } from '../../shared/net/address.ts';
import { type Cidr, parseCidr } from '../../shared/net/cidr.ts';
import type { NetworkState, Spec } from '../state/network-state.ts';
import { type Advertisement, advertisementsOf } from './advertisements.ts';
import { type SecretRef, secretRefAt } from './secret-ref.ts';
import { serviceAddresses } from './served-addresses.ts';
import { asNumberOf, integerAt, objectsAt, restartSecondsAt, textAt, textsAt } from './values.ts';

/** How much BIRD logs: as the original, only three of the levels differ. */
export type Logging = 'none' | 'info' | 'debug';

/** What the BGPConfigurations `default` and `node.NAME` say for one node. */
export interface BgpSettings {
  /** The AS number of nodes that have none of their own. */
  readonly asNumber: number;
  readonly mesh: boolean;
  readonly meshPassword: SecretRef | undefined;
  readonly meshRestartSeconds: number | undefined;
  /** The port of a node; undefined for BGP's own. */
  readonly portOf: (node: string) => number | undefined;
  /** BIRD listens on the node's addresses only. */
  readonly isBound: boolean;
  readonly ignoredInterfaces: readonly string[];
  readonly logging: Logging;
  readonly services: Services;
  readonly advertisements: readonly Advertisement[];
}

/** Networks of services. */
export interface Services {
  /** Told to every peer by every node. */
  readonly announced: readonly Cidr[];
  /** Addresses of services that this node is a place of. */
  readonly alone: readonly Cidr[];
  /** Not written to the kernel when another node announces them. */
  readonly keptOut: readonly Cidr[];
}

const DEFAULT_AS = 64_512;
/** A node with this label announces no services. */
const EXCLUDED = 'node.kubernetes.io/exclude-from-external-load-balancers';

export function bgpSettings(state: NetworkState): BgpSettings {
  const common = state.bgpConfigurations.get('default') ?? {};
  const own = state.bgpConfigurations.get(`node.${state.node}`) ?? {};
  const isExcluded = state.nodes.get(state.node)?.labels[EXCLUDED] === 'true';
  return {
    asNumber: asNumberOf(common['asNumber']) ?? DEFAULT_AS,
    mesh: common['nodeToNodeMeshEnabled'] !== false,
    meshPassword: secretRefAt(common, 'nodeMeshPassword'),
    meshRestartSeconds: restartSecondsAt(common, 'nodeMeshMaxRestartTime'),
    portOf: (node) => portAt(state.bgpConfigurations.get(`node.${node}`) ?? {}) ?? portAt(common),
    isBound: common['bindMode'] === 'NodeIP',
    ignoredInterfaces: textsAt(common, 'ignoredInterfaces'),
    logging: loggingOf(textAt(own, 'logSeverityScreen') ?? textAt(common, 'logSeverityScreen')),
    services: servicesOf(common, isExcluded ? undefined : state.services),
    advertisements: advertisementsOf(own['prefixAdvertisements'] === undefined ? common : own),
  };
}

const portAt = (spec: Spec): number | undefined => integerAt(spec, 'listenPort', 1, 65_535);

function loggingOf(level = 'Info'): Logging {
  const lower = level.toLowerCase();
  return lower === 'debug' || lower === 'info' ? lower : 'none';
}

/** Fields of a BGPConfiguration that name networks of services. */
const NETWORKS = { cluster: 'serviceClusterIPs', external: 'serviceExternalIPs', balanced: 'serviceLoadBalancerIPs' };

/** Whether addresses of services may have to be announced one by one. */
export const announcesServices = ({ bgpConfigurations }: NetworkState): boolean =>
  Object.values(NETWORKS).some((field) => cidrsAt(bgpConfigurations.get('default') ?? {}, field).length > 0);

/** `served`: undefined for a node that announces none. */
function servicesOf(common: Spec, served: NetworkState['services'] | undefined): Services {
  const [cluster, external, balanced] = [NETWORKS.cluster, NETWORKS.external, NETWORKS.balanced].map((field) =>
    cidrsAt(common, field),
  ) as [Cidr[], Cidr[], Cidr[]];
  // A single address of a load balancer belongs to one service, which not every node serves.
  const whole = [...cluster, ...external, ...balanced.filter(({ length, family }) => length < addressBits(family))];
  const all = [...new Map(whole.map((cidr) => [cidr.text, cidr])).values()];
  const alone = serviceAddresses(served ?? [], { cluster, external, balanced });
  return { announced: served === undefined ? [] : all, alone, keptOut: all };
}

const cidrsAt = (spec: Spec, field: string): readonly Cidr[] =>
  objectsAt(spec, field)
    .map((item) => parseCidr(textAt(item, 'cidr') ?? ''))
    .filter((cidr) => cidr !== undefined);
