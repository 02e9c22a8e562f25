import { failure } from '../../shared/error/failure.ts';
import { UsageError } from '../command-line/usage-error.ts';
import { imageReference } from './image.ts';
import type { Installation } from './installation.ts';
import { type OptionName, type Options, one } from './options.ts';
import {
  ENCAPSULATIONS,
  type Encapsulation,
  type EtcdRequest,
  type ManifestRequest,
  type NetworkRequest,
  NODE_NETWORKS,
  type NodeNetwork,
  type PoolRequest,
} from './request.ts';

/** What the options' files hold, '' for each that was not given. */
export interface Files {
  readonly installation: Installation | undefined;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

const MOST_MTU = 65_535;

/** What the options ask for. Throws a UsageError for those that contradict each other, and a Failure for wrong values. */
export function askedBy(options: Options, files: Files): ManifestRequest {
  const datastore = chosen(options, 'datastore', ['kubernetes', 'etcd'] as const) ?? 'kubernetes';
  const crds = chosen(options, 'crds', ['with', 'only', 'none'] as const) ?? 'with';
  if (datastore === 'etcd' && crds === 'only') throw new UsageError('--crds only: etcd needs no definitions');
  const etcd = etcdAsked(options, files);
  if (datastore === 'kubernetes' && etcd !== undefined)
    throw new UsageError('--etcd-… options need --datastore etcd: the Kubernetes API needs none of them');
  if (datastore === 'etcd' && etcd === undefined)
    throw new UsageError('--datastore etcd needs --etcd-endpoints, such as https://10.0.0.1:2379');
  const routing = chosen<NodeNetwork>(options, 'network', NODE_NETWORKS) ?? 'none';
  const pools = poolsAsked(options, files, routing);
  const network = networkAsked(options, files, pools);
  return { etcd, pools, network, routing, image: imageReference(one(options, 'image')), crds };
}

function chosen<Word extends string>(options: Options, name: OptionName, words: readonly Word[]): Word | undefined {
  const given = one(options, name);
  const found = words.find((word) => word === given);
  if (given !== '' && found === undefined)
    throw failure(`--${name} is ${JSON.stringify(given)}`, `give one of ${words.join(', ')}`);
  return found;
}

const OF_POOLS: readonly OptionName[] = ['block-size', 'encapsulation', 'nat-outgoing', 'node-selector'];

function poolsAsked(options: Options, files: Files, routing: NodeNetwork): readonly PoolRequest[] {
  const pools = poolsWanted(options, files, routing);
  const unrouted = pools.find(({ encapsulation = 'None' }) => routing === 'vxlan' && encapsulation === 'None');
  if (unrouted === undefined) return pools;
  throw failure(
    `${unrouted.from}: without encapsulation its routes need BGP`,
    'give --encapsulation VXLAN or VXLANCrossSubnet, or --network bgp',
  );
}

function poolsWanted(options: Options, { installation }: Files, routing: NodeNetwork): readonly PoolRequest[] {
  const about = OF_POOLS.find((name) => options[name] !== undefined);
  const pools = options['pool'] ?? [];
  if (installation !== undefined) {
    if (pools.length > 0 || about !== undefined)
      throw new UsageError(`--${about ?? 'pool'} cannot be used with --from-installation, which has the pools`);
    return installation.pools;
  }
  if (pools.length === 0 && about !== undefined) throw new UsageError(`--${about} needs --pool`);
  const sizes = blockSizes(options);
  const natOutgoing = chosen(options, 'nat-outgoing', ['true', 'false'] as const);
  return pools.map((cidr) => ({
    from: `--pool ${cidr}`,
    cidr,
    blockSize: sizes.find(({ isV6 }) => isV6 === cidr.includes(':'))?.size,
    encapsulation:
      chosen<Encapsulation>(options, 'encapsulation', ENCAPSULATIONS) ?? (routing === 'vxlan' ? 'VXLAN' : undefined),
    natOutgoing: natOutgoing === undefined ? undefined : natOutgoing === 'true',
    nodeSelector: one(options, 'node-selector') || undefined,
  }));
}

interface BlockSize {
  readonly size: number;
  readonly isV6: boolean;
}

/** Which family a block size is for shows from its value: none is possible for both. */
function blockSizes(options: Options): readonly BlockSize[] {
  const sizes = (options['block-size'] ?? []).map(blockSizeOf);
  if (sizes.some(({ isV6 }, at) => sizes.findIndex((other) => other.isV6 === isV6) !== at))
    throw new UsageError('--block-size is given twice for the same family');
  const pools = options.pool ?? [];
  const stray = sizes.find(({ isV6 }) => !pools.some((cidr) => cidr.includes(':') === isV6));
  if (stray !== undefined)
    throw failure(`--block-size ${stray.size} is for IPv${stray.isV6 ? 6 : 4}`, 'there is no --pool of that family');
  return sizes;
}

function blockSizeOf(text: string): BlockSize {
  const size = wholeIn(text);
  const isV6 = size >= 116 && size <= 128;
  if (!isV6 && !(size >= 20 && size <= 32))
    throw failure(`--block-size ${text} is not possible`, 'give 20 to 32, or for IPv6 116 to 128');
  return { size, isV6 };
}

const wholeIn = (text: string): number => (/^\d{1,5}$/.test(text) ? Number(text) : -1);

function networkAsked(options: Options, { installation }: Files, pools: readonly PoolRequest[]): NetworkRequest {
  const given = installation?.network ?? {};
  const binFolder = folderAsked(options, 'cni-bin-dir', given.binFolder);
  const netFolder = folderAsked(options, 'cni-net-dir', given.netFolder);
  if (binFolder === netFolder)
    throw failure(`--cni-bin-dir and --cni-net-dir are both ${binFolder}`, 'give each a folder of its own');
  const mtu = mtuAsked(options, given.mtu, pools);
  return { binFolder, netFolder, mtu, hostPorts: given.hostPorts ?? true, forwarding: given.forwarding ?? false };
}

/** The kernel gives no address to an interface with a smaller one. */
const LEAST_MTU = { 4: 68, 6: 1_280 } as const;

function mtuAsked(options: Options, given: number | undefined, pools: readonly PoolRequest[]): number {
  const asked = one(options, 'mtu');
  const mtu = asked === '' ? (given ?? 0) : wholeIn(asked);
  const least = LEAST_MTU[pools.some(({ cidr }) => cidr.includes(':')) ? 6 : 4];
  if (mtu === 0 || (mtu >= least && mtu <= MOST_MTU)) return mtu;
  throw failure(
    asked === '' ? `spec.calicoNetwork.mtu ${mtu} is not possible` : `--mtu ${asked} is not possible`,
    `give 0, or ${LEAST_MTU[4]} to ${MOST_MTU}; with IPv6 at least ${LEAST_MTU[6]}`,
  );
}

const FOLDERS = {
  'cni-bin-dir': { usual: '/opt/cni/bin', inInstallation: 'spec.cni.binDir' },
  'cni-net-dir': { usual: '/etc/cni/net.d', inInstallation: 'spec.cni.confDir' },
} as const;

function folderAsked(options: Options, name: keyof typeof FOLDERS, given: string | undefined): string {
  const { usual, inInstallation } = FOLDERS[name];
  const asked = one(options, name);
  const path = (asked || given || usual).replace(/(?<=.)\/+$/, '');
  if (path.startsWith('/') && path !== '/' && !path.split('/').includes('..')) return path;
  throw failure(
    `${asked === '' ? inInstallation : `--${name}`} ${path} is not possible`,
    'give an absolute path without .., as the nodes name it',
  );
}

function etcdAsked(options: Options, { ca, cert, key }: Files): EtcdRequest | undefined {
  const endpoints = one(options, 'etcd-endpoints');
  if (endpoints === '') {
    const stray = (['etcd-ca', 'etcd-cert', 'etcd-key'] as const).find((name) => options[name] !== undefined);
    if (stray !== undefined) throw new UsageError(`--${stray} needs --etcd-endpoints`);
    return undefined;
  }
  const wrong = endpoints.split(',').find((url) => !/^https?:\/\/[^\s/]+$/.test(url.trim().replace(/\/$/, '')));
  if (wrong !== undefined)
    throw failure(`--etcd-endpoints: ${JSON.stringify(wrong)} is not a URL`, 'give one such as https://10.0.0.1:2379');
  if (endpoints.includes('https:') && ca === '')
    throw failure('--etcd-endpoints are https', 'give --etcd-ca FILE, or nodes cannot tell whom they reach');
  if ((cert === '') !== (key === ''))
    throw failure('--etcd-cert and --etcd-key belong together', 'give both, or neither');
  return { endpoints, ca, cert, key };
}
