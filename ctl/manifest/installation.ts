import { failure } from '../../shared/error/failure.ts';
import { plain } from '../resource/bare.ts';
import { type Fault, refuseFaults } from '../resource/fault.ts';
import type { Fields } from '../resource/resource.ts';
import { objectOf } from '../resource/shape.ts';
import { read } from '../schema/read.ts';
import { choice, flag, integer, list, object, type Type, text } from '../schema/type.ts';
import { ENCAPSULATIONS, type Encapsulation, type NetworkRequest, type PoolRequest } from './request.ts';

/** What a manifest takes over from an operator's Installation. */
export interface Installation {
  readonly pools: readonly PoolRequest[];
  readonly network: Partial<NetworkRequest>;
  /** Settings that the manifest cannot carry over. */
  readonly ignored: readonly string[];
}

const API_GROUP = 'operator.tigera.io/';
const enabled = choice(['Enabled', 'Disabled']);

const POOL = object({
  cidr: text({ required: true }),
  name: text({ format: 'name' }),
  blockSize: integer(),
  encapsulation: choice(ENCAPSULATIONS),
  natOutgoing: enabled,
  nodeSelector: text(),
  disableBGPExport: flag(),
  disableNewAllocations: flag(),
  allowedUses: list(text()),
  assignmentMode: text(),
});

/** The fields that decide something here. The others are kept as they are, and named. */
const SHAPE = {
  'cni.type': choice(['Calico', 'GKE', 'AmazonVPC', 'AzureVNET']),
  'cni.ipam.type': choice(['Calico', 'HostLocal', 'AmazonVPC', 'AzureVNET']),
  'cni.binDir': text(),
  'cni.confDir': text(),
  'calicoNetwork.ipPools': list(POOL),
  'calicoNetwork.mtu': integer({ min: 0, max: 65_535 }),
  'calicoNetwork.hostPorts': enabled,
  'calicoNetwork.containerIPForwarding': enabled,
} as const satisfies Readonly<Record<string, Type>>;

/** Reads the one Installation among the documents of a file. Throws a Failure. */
export function readInstallation(file: string, documents: readonly unknown[]): Installation {
  const found = documents.flatMap((document) => {
    const { apiVersion, kind, spec } = objectOf(document) ?? {};
    const isIt = kind === 'Installation' && typeof apiVersion === 'string' && apiVersion.startsWith(API_GROUP);
    return isIt ? [objectOf(spec ?? {}) ?? wrongSpec(file)] : [];
  });
  const [spec] = found;
  if (spec === undefined || found.length > 1) {
    const much = found.length === 0 ? 'no Installation' : `${found.length} Installations`;
    throw failure(
      `${file} holds ${much}`,
      'give a file with one: kubectl get installation default -o yaml prints that of a cluster',
    );
  }
  const values = valuesIn(file, spec);
  refuseOtherNetworks(file, values);
  return { pools: poolsIn(values), network: networkIn(values), ignored: ignoredIn(spec) };
}

function wrongSpec(file: string): never {
  throw failure(`${file}: spec of the Installation must be an object`);
}

type Values = Readonly<Partial<Record<keyof typeof SHAPE, unknown>>>;

function valuesIn(file: string, spec: Fields): Values {
  const faults: Fault[] = [];
  const values: Record<string, unknown> = {};
  for (const [path, type] of Object.entries(SHAPE)) {
    const reading = read(type, `spec.${path}`, at(spec, path.split('.')));
    faults.push(...reading.faults);
    values[path] = reading.value;
  }
  try {
    refuseFaults(faults);
  } catch (thrown) {
    throw failure(`${file}: ${thrown instanceof Error ? thrown.message.trim() : ''}`, undefined, thrown);
  }
  return values;
}

const at = (fields: Fields, [name = '', ...rest]: readonly string[]): unknown =>
  rest.length === 0 ? fields[name] : at(objectOf(fields[name]) ?? {}, rest);

function refuseOtherNetworks(file: string, values: Values): void {
  const [plugin, ipam] = [values['cni.type'], values['cni.ipam.type']];
  if (plugin !== undefined && plugin !== 'Calico')
    throw failure(`${file}: spec.cni.type is ${plugin}`, `pods get their network from ${plugin}, not from this plugin`);
  if (ipam !== undefined && ipam !== 'Calico')
    throw failure(
      `${file}: spec.cni.ipam.type is ${ipam}`,
      'the manifest sets up calico-ipam: with another IPAM plugin write the network configuration by hand',
    );
}

/** Defaults are the operator's: IPIP for IPv4. */
function poolsIn(values: Values): readonly PoolRequest[] {
  const pools = (values['calicoNetwork.ipPools'] ?? []) as readonly Fields[];
  return pools.map((pool, index) => ({
    from: `spec.calicoNetwork.ipPools[${index}] ${pool['cidr']}`,
    cidr: String(pool['cidr']),
    name: pool['name'] as string | undefined,
    blockSize: pool['blockSize'] === undefined ? undefined : Number(pool['blockSize']),
    encapsulation: ((pool['encapsulation'] || undefined) ??
      (String(pool['cidr']).includes(':') ? 'None' : 'IPIP')) as Encapsulation,
    natOutgoing: isOn(pool['natOutgoing']),
    nodeSelector: pool['nodeSelector'] as string | undefined,
    disableBGPExport: pool['disableBGPExport'] as boolean | undefined,
    disabled: pool['disableNewAllocations'] as boolean | undefined,
    allowedUses: pool['allowedUses'] as readonly string[] | undefined,
    assignmentMode: pool['assignmentMode'] as string | undefined,
  }));
}

const isOn = (value: unknown): boolean | undefined => (value ? value === 'Enabled' : undefined);

function networkIn(values: Values): Partial<NetworkRequest> {
  const given = {
    binFolder: values['cni.binDir'] || undefined,
    netFolder: values['cni.confDir'] || undefined,
    mtu: values['calicoNetwork.mtu'],
    hostPorts: isOn(values['calicoNetwork.hostPorts']),
    forwarding: isOn(values['calicoNetwork.containerIPForwarding']),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** The fields that say nothing about pods' addresses, as paths. */
function ignoredIn(spec: Fields): readonly string[] {
  const known = Object.keys(SHAPE);
  const paths = (fields: Fields, before: string): readonly string[] =>
    Object.entries(fields).flatMap(([name, value]) => {
      const path = before + name;
      if (known.includes(path)) return [];
      const isWay = known.some((one) => one.startsWith(`${path}.`));
      return isWay ? paths(objectOf(value) ?? {}, `${path}.`) : [`spec.${path}`];
    });
  return paths(objectOf(plain(spec)) ?? {}, '');
}
