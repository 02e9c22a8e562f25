import type { Fault } from '../resource/fault.ts';
import type { Fields } from '../resource/resource.ts';
import { objectOf } from '../resource/shape.ts';
import { FORMATS } from '../schema/format.ts';
import { choice, flag, integer, list, object, type Relation, scalar, text } from '../schema/type.ts';
import { bgpPassword } from './bgp-password.ts';
import { enabled } from './enabled.ts';
import type { Rules } from './rules.ts';

const blocks = list(object({ cidr: text({ format: 'net' }) }));

const itemsOf = (value: unknown): readonly Fields[] =>
  (Array.isArray(value) ? value : []).map((item) => objectOf(item) ?? {});

const RELATIONS: readonly Relation[] = [
  {
    at: 'communities',
    reason: 'communities are defined but not used in Spec.PrefixAdvertisement[].',
    broken: ({ communities, prefixAdvertisements }) =>
      itemsOf(communities).length > 0 && itemsOf(prefixAdvertisements).length === 0,
  },
  {
    reason: 'community used is invalid or not defined.',
    broken: ({ communities, prefixAdvertisements }) => {
      const known = itemsOf(communities).map(({ name }) => name);
      const isWrong = (community: string): boolean =>
        FORMATS.community(community) !== undefined && !known.includes(community);
      const index = itemsOf(prefixAdvertisements).findIndex((item) =>
        (item['communities'] as readonly string[]).some(isWrong),
      );
      return index >= 0 && `prefixAdvertisements[${index}].communities`;
    },
  },
  ...['nodeMeshPassword', 'nodeMeshMaxRestartTime'].map((field) => ({
    at: field,
    reason: `${field} cannot be set when nodeToNodeMeshEnabled is false`,
    broken: (spec: Fields) => spec[field] !== undefined && spec['nodeToNodeMeshEnabled'] === false,
  })),
];

/** Only in the configuration `default`, which applies to every node. */
const DEFAULT_ONLY: Readonly<Record<string, string>> = {
  nodeToNodeMeshEnabled: 'NodeToNodeMeshEnabled',
  asNumber: 'ASNumber',
  serviceLoadBalancerIPs: 'ServiceLoadBalancerIPs',
  serviceExternalIPs: 'ServiceExternalIPs',
  serviceClusterIPs: 'ServiceClusterIPs',
};

/** BGPConfiguration: how nodes speak BGP, and what they advertise. */
export const bgpConfiguration: Rules = {
  spec: object(
    {
      logSeverityScreen: choice(['Trace', 'Debug', 'Info', 'Warning', 'Error', 'Fatal'], {
        anyCase: true,
        default: 'Info',
      }),
      nodeToNodeMeshEnabled: flag(),
      asNumber: scalar('asNumber'),
      serviceLoadBalancerIPs: blocks,
      serviceExternalIPs: blocks,
      serviceClusterIPs: blocks,
      serviceLoadBalancerAggregation: choice(enabled, { default: 'Enabled' }),
      communities: list(
        object({
          name: text({ format: 'name', required: true }),
          value: text({ format: 'community', required: true }),
        }),
      ),
      prefixAdvertisements: list(
        object({
          cidr: text({ format: 'net', required: true }),
          communities: list(text(), { required: true }),
        }),
      ),
      listenPort: integer({ min: 1, max: 65_535 }),
      nodeMeshPassword: bgpPassword,
      nodeMeshMaxRestartTime: scalar('duration'),
      bindMode: choice(['None', 'NodeIP']),
      ignoredInterfaces: list(text({ format: 'ignoredInterface' })),
      localWorkloadPeeringIPV4: text({ format: 'ipv4' }),
      localWorkloadPeeringIPV6: text({ format: 'ipv6' }),
      programClusterRoutes: choice(enabled),
    },
    { relations: RELATIONS },
  ),
  faults: ({ metadata: { name }, spec = {} }) => (name === 'default' ? [] : misplaced(spec)),
};

const misplaced = (spec: Fields): readonly Fault[] =>
  Object.entries(DEFAULT_ONLY)
    .filter(([field]) => spec[field] !== undefined && !(Array.isArray(spec[field]) && spec[field].length === 0))
    .map(([field, named]) => ({
      field: `BGPConfiguration.Spec.${named}`,
      reason: `Cannot set ${field === 'nodeToNodeMeshEnabled' ? field : named} on a non default BGP Configuration.`,
    }));
