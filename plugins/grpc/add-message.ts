import type { Reserved } from '../dataplane/attachment.ts';
import type { PairRequest } from '../dataplane/pair-request.ts';
import type { DataplaneAdd } from './messages.ts';

type Texts = Readonly<Record<string, string>>;

/** What an Add message says besides the interface. */
export interface Addition {
  /** Path of the container's namespace. */
  readonly netns: string;
  readonly options: Texts;
  readonly reserved: Reserved;
}

/** The Add message for an interface that the Linux dataplane would make as a pair. The endpoint is as stored later, without MAC and interface. */
export function addMessage(pair: PairRequest, { netns, options, reserved }: Addition): DataplaneAdd {
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
