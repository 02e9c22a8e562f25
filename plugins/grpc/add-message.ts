import type { WorkloadEndpoint } from '../../shared/calico/model.ts';
import type { VethRequest } from '../linux/veth-plan.ts';
import type { AddRequest, ContainerIp } from './messages.ts';

type Texts = Readonly<Record<string, string>>;

/** What an Add tells beside the interface and the endpoint. */
export interface Told {
  /** Path of the container's namespace. */
  readonly netns: string;
  readonly ips: readonly ContainerIp[];
  /** Of the pod; none without Kubernetes. */
  readonly annotations: Texts;
  readonly options: Texts;
}

/** The dataplane's Add for an interface that Linux would get as a pair, and the endpoint as it will be stored but for MAC and interface. */
export function addMessage(pair: VethRequest, { metadata, spec }: WorkloadEndpoint, told: Told): AddRequest {
  return {
    interfaceName: pair.containerName,
    netns: told.netns,
    desiredHostInterfaceName: pair.hostName,
    settings: { allowIpForwarding: pair.allowIpForwarding, mtu: pair.mtu },
    containerIps: told.ips,
    containerRoutes: pair.routes.map(({ dst }) => dst),
    workload: {
      name: metadata.name,
      namespace: metadata.namespace ?? '',
      labels: metadata.labels ?? {},
      annotations: told.annotations,
      endpoint: spec.endpoint ?? '',
      node: spec.node ?? '',
      orchestrator: spec.orchestrator ?? '',
      pod: spec.pod ?? '',
      ports: (spec.ports ?? []).map(({ name, protocol, port, hostPort, hostIP }) => ({
        ...{ name, protocol: String(protocol), port, hostPort },
        hostIp: hostIP,
      })),
    },
    dataplaneOptions: told.options,
  };
}
