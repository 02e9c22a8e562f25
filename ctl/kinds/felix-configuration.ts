import type { Fault } from '../resource/fault.ts';
import type { Fields } from '../resource/resource.ts';
import { object } from '../schema/type.ts';
import { felixBpf } from './felix-bpf.ts';
import { felixDataplane } from './felix-dataplane.ts';
import { felixReporting } from './felix-reporting.ts';
import type { Rules } from './rules.ts';
import { selector } from './selector.ts';

/** FelixConfiguration: how Felix programs every node (`default`) or one (`node.NAME`). */
export const felixConfiguration: Rules = {
  spec: object(
    { nodeSelector: selector, ...felixDataplane, ...felixReporting, ...felixBpf },
    {
      relations: [
        {
          at: 'routeTableRange',
          reason: 'cannot be set when `RouteTableRanges` is also set',
          broken: ({ routeTableRange, routeTableRanges }) =>
            routeTableRange !== undefined && routeTableRanges !== undefined,
        },
      ],
    },
  ),
  complete,
  faults: ({ metadata: { name }, spec = {} }) => scopeFaults(name, spec),
};

/** The older switch of connect-time load balancing, if set, overrides the newer fields. */
function complete(spec: Fields): Fields {
  const old = spec['bpfConnectTimeLoadBalancingEnabled'];
  const defaults = { bpfConnectTimeLoadBalancing: 'TCP', bpfHostNetworkedNATWithoutCTLB: 'Enabled' };
  if (old === undefined) return { ...defaults, ...spec };
  const balancing = old === true ? 'Enabled' : 'Disabled';
  return { ...spec, bpfConnectTimeLoadBalancing: balancing, bpfHostNetworkedNATWithoutCTLB: 'Disabled' };
}

function scopeFaults(name: string, { nodeSelector }: Fields): readonly Fault[] {
  if (!nodeSelector || (name !== 'default' && !name.startsWith('node.'))) return [];
  const reason = "nodeSelector must not be set on the 'default' or per-node ('node.*') FelixConfiguration";
  return [{ field: 'spec.nodeSelector', value: nodeSelector, reason }];
}
