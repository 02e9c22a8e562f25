import type { Reserved } from '../dataplane/attachment.ts';
import type { PairRequest } from '../dataplane/pair-request.ts';
import type { AddRequest } from './messages.ts';

type Texts = Readonly<Record<string, string>>;

/** What an Add says beside the interface. */
export interface Addition {
  /** Path of the container's namespace. */
  readonly netns: string;
  readonly options: Texts;
  readonly reserved: Reserved;
}

/** The dataplane's Add for an interface that Linux would get as a pair, and the endpoint as it will be stored but for MAC and interface. */
export function addMessage(pair: PairRequest, { netns, options, reserved }: Addition): AddRequest {
  const { metadata, spec } = reserved.endpoint;
  return {
    interfaceName: pair.containerName,
    netns,
    desiredHostInterfaceName: pair.hostName,
    settings: { allowIpForwarding: pair.allowIpForwarding, mtu: pair.mtu },
    containerIps: reserved.ips,
    containerRoutes: pair.routes.map(({ dst }) => dst),
    workload: {
      name: metadata.name,
      namespace: metadata.namespace ?? '',
      labels: metadata.labels ?? {},
      annotations: reserved.annotations,
      endpoint: spec.endpoint ?? '',
      node: spec.node ?? '',
      orchestrator: spec.orchestrator ?? '',
      pod: spec.pod ?? '',
      ports: (spec.ports ?? []).map(({ name, protocol, port, hostPort, hostIP }) => ({
        ...{ name, protocol: String(protocol), port, hostPort },
        hostIp: hostIP,
      })),
    },
    dataplaneOptions: options,
  };
}
