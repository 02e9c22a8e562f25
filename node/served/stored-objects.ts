import type { WatchedEntry } from '../../shared/datastore/watch.ts';
import { readerOf } from '../state/watched-entry.ts';

/** What of a service says which of its addresses are announced. */
export interface StoredService {
  /** `prod/web` */
  readonly name: string;
  readonly type: string;
  /** '' or `None` for one without. */
  readonly clusterIp: string;
  readonly externalIps: readonly string[];
  /** Those that a load balancer was given, and what was asked for. */
  readonly loadBalancerIps: readonly string[];
  readonly askedLoadBalancerIp: string;
  /** `Local`, `Cluster`, or '' for services that are not reached from outside. */
  readonly externalTrafficPolicy: string;
}

/** A Service of Kubernetes. Throws a Failure when a value has the wrong type. */
export function storedService(name: string, entry: WatchedEntry): StoredService {
  const service = readerOf(`service ${name} is not used`, entry, 'Service');
  const spec = service.object('spec');
  const ingress = service.object('status').object('loadBalancer').objects('ingress');
  return {
    name,
    type: spec.text('type'),
    clusterIp: spec.text('clusterIP'),
    externalIps: spec.texts('externalIPs'),
    loadBalancerIps: ingress.map((each) => each.text('ip')).filter((ip) => ip !== ''),
    askedLoadBalancerIp: spec.text('loadBalancerIP'),
    externalTrafficPolicy: spec.text('externalTrafficPolicy'),
  };
}

/** Which service a slice of endpoints is of, and whether one of them is ready on this node. */
export interface StoredSlice {
  /** '' for a slice of no service. */
  readonly service: string;
  readonly isIpv6: boolean;
  readonly isHere: boolean;
}

/** An EndpointSlice of Kubernetes, as `node` sees it. Throws a Failure when a value has the wrong type. */
export function storedSlice(node: string, name: string, entry: WatchedEntry): StoredSlice {
  const slice = readerOf(`endpoint slice ${name} is not used`, entry, 'EndpointSlice');
  const metadata = slice.object('metadata');
  const service = metadata.textMap('labels')['kubernetes.io/service-name'] ?? '';
  const here = slice
    .objects('endpoints')
    // One that does not say whether it is ready counts as ready, as everywhere in Kubernetes.
    .some((each) => each.text('nodeName') === node && each.object('conditions').raw('ready') !== false);
  return {
    service: service === '' ? '' : `${metadata.text('namespace')}/${service}`,
    isIpv6: slice.text('addressType') === 'IPv6',
    isHere: here,
  };
}
