import { CERTS_MOUNT, datastore, folder, NODENAME, probes, SECURITY, value } from './pod-parts.ts';
import type { ManifestRequest } from './request.ts';

/** Where the package bird2 has its configuration and its control socket. */
const BIRD = { config: '/etc/bird', run: '/run/bird' };
const RUN = ['/calicoctl', 'node', 'run'];

/** Devices, routes and rules of the node's network; raw sockets are how iptables' older tables are read. */
const OF_THE_NETWORK = ['NET_ADMIN', 'NET_RAW'];
const CAPABILITIES = {
  vxlan: OF_THE_NETWORK,
  // The configuration and the socket are BIRD's own user's.
  bgp: [...OF_THE_NETWORK, 'DAC_OVERRIDE'],
};

/** The container that makes the node's routes; none where somebody else makes them. */
export function router({ etcd, image, routing, pools }: ManifestRequest) {
  if (routing === 'none') return [];
  const isIpv6 = pools.some(({ cidr }) => cidr.includes(':'));
  const bird = [`--bird-socket=${BIRD.run}/bird.ctl`, `--bird-config=${BIRD.config}/bird.conf`];
  return [
    {
      name: 'calico-node-run',
      image,
      command: routing === 'bgp' ? [...RUN, ...bird] : RUN,
      env: [
        NODENAME,
        ...datastore(etcd === undefined ? 'kubernetes' : 'etcd'),
        value('CALICO_NETWORKING_BACKEND', routing === 'bgp' ? 'bird' : 'vxlan'),
        value('IP', 'autodetect'),
        ...(isIpv6 ? [value('IP6', 'autodetect')] : []),
        value('NO_DEFAULT_POOLS', 'true'),
      ],
      resources: { requests: { cpu: '10m', memory: '32Mi' } },
      securityContext: { ...SECURITY, capabilities: { drop: ['ALL'], add: CAPABILITIES[routing] } },
      ...probes(...RUN),
      volumeMounts: [
        { name: 'calico-data', mountPath: '/var/lib/calico' },
        { name: 'calico-run', mountPath: '/var/run/calico' },
        ...(routing === 'bgp' ? BIRD_MOUNTS : []),
        ...(etcd === undefined ? [] : [CERTS_MOUNT]),
      ],
    },
  ];
}

const BIRD_MOUNTS = [
  { name: 'bird-config', mountPath: BIRD.config },
  { name: 'bird-run', mountPath: BIRD.run },
];

/** What that container needs of the node, besides what the installer has. */
export function routerVolumes({ routing }: ManifestRequest) {
  if (routing === 'none') return [];
  const run = folder('calico-run', '/var/run/calico');
  return routing === 'vxlan'
    ? [run]
    : [run, folder('bird-config', BIRD.config, 'Directory'), folder('bird-run', BIRD.run, 'Directory')];
}
