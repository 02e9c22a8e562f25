import type { EndpointPort } from '../calico/model.ts';
import type { ContainerPort } from './objects.ts';

const PROTOCOLS = ['TCP', 'UDP', 'SCTP'];

/** Ports that somebody can name or reach from outside (as Calico). */
export const endpointPorts = (ports: readonly ContainerPort[]): readonly EndpointPort[] => ports.flatMap(endpointPort);

function endpointPort(port: ContainerPort): readonly EndpointPort[] {
  const { name, containerPort, hostPort, hostIP } = port;
  const protocol = port.protocol.toUpperCase() || 'TCP';
  if (containerPort === 0 || (name === '' && hostPort === 0) || !PROTOCOLS.includes(protocol)) return [];
  return [{ name, protocol, port: containerPort, hostPort, hostIP }];
}
