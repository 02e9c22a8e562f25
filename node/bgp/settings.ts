import { addressBits } from '../../shared/net/address.ts';
import { type Cidr, parseCidr } from '../../shared/net/cidr.ts';
import type { NetworkState, Spec } from '../state/network-state.ts';
import { type Advertisement, advertisementsOf } from './advertisements.ts';
import { type SecretRef, secretRefAt } from './secret-ref.ts';
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
    services: servicesOf(common, isExcluded),
    advertisements: advertisementsOf(own['prefixAdvertisements'] === undefined ? common : own),
  };
}

const portAt = (spec: Spec): number | undefined => integerAt(spec, 'listenPort', 1, 65_535);

function loggingOf(level = 'Info'): Logging {
  const lower = level.toLowerCase();
  return lower === 'debug' || lower === 'info' ? lower : 'none';
}

function servicesOf(common: Spec, isExcluded: boolean): Services {
  const whole = ['serviceClusterIPs', 'serviceExternalIPs'].flatMap((field) => cidrsAt(common, field));
  // A single address of a load balancer belongs to one service, which not every node serves.
  const balanced = cidrsAt(common, 'serviceLoadBalancerIPs').filter(
    ({ length, family }) => length < addressBits(family),
  );
  const all = [...new Map([...whole, ...balanced].map((cidr) => [cidr.text, cidr])).values()];
  return { announced: isExcluded ? [] : all, keptOut: all };
}

const cidrsAt = (spec: Spec, field: string): readonly Cidr[] =>
  objectsAt(spec, field)
    .map((item) => parseCidr(textAt(item, 'cidr') ?? ''))
    .filter((cidr) => cidr !== undefined);
