import { hostCidr } from '../dataplane/pair-request.ts';
import type { Step } from './veth-plan.ts';

/** The command that does the same as a step. */
export function commandOf(step: Step): string {
  switch (step.make) {
    case 'veth':
    case 'netkit':
      return `ip link add ${step.here.name} type ${step.make} peer name ${step.there.name}`;
    case 'mac':
      return `ip link set dev ${step.name} address ${step.mac}`;
    case 'ifb':
      return `ip link add ${step.name} type ifb`;
    case 'up':
      return `ip link set dev ${step.name} up${step.mtu > 0 ? ` mtu ${step.mtu}` : ''}`;
    case 'address':
      return `ip address ${step.verb} ${hostCidr(step.address)} dev ${step.on}`;
    case 'unroute': {
      const { kind, dst, over } = step.route;
      const dev = over === undefined ? '' : ` dev ${over}`;
      return `ip route del ${kind === 'unicast' || kind === 'any' ? '' : `${kind} `}${dst}${dev}`;
    }
    case 'route': {
      const { dst, via } = step.route;
      return `ip route ${step.verb} ${dst}${via === undefined ? '' : ` via ${via}`} dev ${step.over}`;
    }
  }
}
