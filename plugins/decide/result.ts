import type { WorkloadEndpoint } from '../../shared/calico/model.ts';
import type { CmdArgs } from '../../shared/cni/environment.ts';
import type { Result, ResultRoute } from '../../shared/cni/result.ts';
import { hostCidr, type PairRequest, type PodAddress } from '../dataplane/pair-request.ts';
import type { AddAnswer } from './add-decision.ts';

/** Another IPAM plugin's addresses without prefix length, and its result for routes and DNS. */
export interface Delegated {
  readonly addresses: readonly string[];
  readonly result: Result | undefined;
}

/** ADD's result (as Calico): the host end first, every address on the container end, no gateway. */
export function addResult(
  cmd: CmdArgs,
  pair: Pick<PairRequest, 'hostName' | 'mac' | 'mtu' | 'addresses'>,
  answer: AddAnswer,
  delegated: Delegated | undefined,
): Result {
  const container = {
    name: cmd.ifName,
    ...(pair.mac === '' ? {} : { mac: pair.mac }),
    ...(pair.mtu > 0 ? { mtu: pair.mtu } : {}),
    sandbox: cmd.netns,
  };
  const dns = delegated?.result?.dns;
  return {
    interfaces: [{ name: pair.hostName }, container],
    ips: pair.addresses.map((address) => ({ interface: 1, address: hostCidr(address) })),
    routes: routes(answer, delegated),
    ...(dns === undefined ? {} : { dns }),
  };
}

/** The routes that IPAM returned; the container gets others (odd, but as Calico). */
function routes(answer: AddAnswer, delegated: Delegated | undefined): readonly ResultRoute[] {
  return delegated?.result?.routes ?? answer.routes.map((dst) => ({ dst }));
}

/** An endpoint's addresses, without prefix length. */
export function endpointAddresses(endpoint: WorkloadEndpoint): readonly PodAddress[] {
  return (endpoint.spec.ipNetworks ?? []).map((network) => ({
    family: network.includes(':') ? 6 : 4,
    address: network.split('/')[0] ?? '',
  }));
}
