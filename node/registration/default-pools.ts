import type { Stamp } from '../../ctl/change/metadata.ts';
import { UsageError } from '../../ctl/command-line/usage-error.ts';
import { make } from '../../ctl/init/plan.ts';
import type { Fields } from '../../ctl/resource/resource.ts';
import { readPools } from '../../ipam/config/pools.ts';
import { POOLS } from '../../shared/datastore/query.ts';
import type { Outcome, Plan } from '../../shared/datastore/view.ts';
import type { Address, Family } from '../../shared/net/address.ts';
import { type Cidr, contains, parseCidr } from '../../shared/net/cidr.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A pool that is created where there is none of its family. */
export interface DefaultPool {
  /** Undefined: the first usual network that this machine has no address in. */
  readonly cidr: Cidr | undefined;
  readonly family: Family;
  readonly spec: Fields;
}

const FAMILIES = [4, 6] as const;

/**
 * The pools that calico/node's variables ask for. Without CALICO_IPV4POOL_CIDR an IPv4 pool is asked for as well, unless
 * `isAskedOnly`. Throws UsageError when a variable is wrong.
 */
export function defaultPools(env: Environment, isOff: boolean, isAskedOnly: boolean): readonly DefaultPool[] {
  const named = FAMILIES.map((family) => env[`CALICO_IPV${family}POOL_CIDR`] ?? '');
  if (isOff || env['NO_DEFAULT_POOLS']?.toLowerCase() === 'true') {
    if (named.every((text) => text === '')) return [];
    throw new UsageError(
      'Invalid configuration with NO_DEFAULT_POOLS defined and CALICO_IPV4POOL_CIDR or CALICO_IPV6POOL_CIDR defined.',
    );
  }
  return FAMILIES.flatMap((family, at) => poolFor(env, family, named[at] ?? '', isAskedOnly));
}

function poolFor(env: Environment, family: Family, named: string, isAskedOnly: boolean): readonly DefaultPool[] {
  if (named === 'none' || (named === '' && (isAskedOnly || family === 6))) return [];
  const cidr = parseCidr(named);
  if (named !== '' && cidr?.family !== family) {
    throw new UsageError(`Invalid CIDR specified in CALICO_IPV${family}POOL_CIDR '${named}'`);
  }
  return [{ cidr, family, spec: specOf(env, family) }];
}

function specOf(env: Environment, family: Family): Fields {
  const variable = (name: string) => `CALICO_IPV${family}POOL_${name}`;
  const text = (name: string) => env[variable(name)] ?? '';
  const size = text('BLOCK_SIZE');
  if (!/^\d{0,3}$/.test(size)) throw new UsageError(`Invalid blocksize ${size} for version ${family}`);
  const selector = text('NODE_SELECTOR');
  return {
    ipipMode: family === 4 ? modeOf(variable('IPIP'), text('IPIP')) : 'Never',
    vxlanMode: modeOf(variable('VXLAN'), text('VXLAN')),
    natOutgoing: truthOf(env[variable('NAT_OUTGOING')], family === 4),
    disableBGPExport: truthOf(env[variable('DISABLE_BGP_EXPORT')], false),
    ...(size === '' ? {} : { blockSize: Number(size) }),
    ...(selector === '' ? {} : { nodeSelector: selector }),
  };
}

const MODES: Readonly<Record<string, string>> = {
  '': 'Never',
  off: 'Never',
  never: 'Never',
  crosssubnet: 'CrossSubnet',
  'cross-subnet': 'CrossSubnet',
  always: 'Always',
};

function modeOf(variable: string, text: string): string {
  const mode = MODES[text.toLowerCase()];
  if (mode !== undefined) return mode;
  throw new UsageError(`Unrecognized mode specified in ${variable} '${text}'`);
}

const truthOf = (text: string | undefined, fallback: boolean): boolean =>
  text === undefined ? fallback : !['false', '0', 'no', 'n', 'f'].includes(text.toLowerCase());

const USUAL = ['192.168.0.0/16', ...Array.from({ length: 16 }, (_, at) => `172.${16 + at}.0.0/16`)];

/** The first usual network without an address of this machine; the very first when each has one. */
function freeNetwork(addresses: readonly Address[]): Cidr | undefined {
  const cidrs = USUAL.map(parseCidr).filter((cidr) => cidr !== undefined);
  return cidrs.find((cidr) => !addresses.some((address) => contains(cidr, address))) ?? cidrs[0];
}

/** Creates a default pool unless there is a pool of its family. Answers with a line for the log, '' when nothing was done. */
export function* makeDefaultPool(
  pool: DefaultPool,
  addresses: readonly Address[],
  stamp: Stamp,
): Plan<Outcome<string>> {
  const hasPool = readPools(yield [POOLS]).some(({ cidr }) => cidr.family === pool.family);
  const cidr = hasPool ? undefined : (pool.cidr ?? freeNetwork(addresses));
  if (cidr === undefined) return { changes: [], answer: '' };
  const name = `default-ipv${pool.family}-ippool`;
  const { answer, ...outcome } = yield* make('IPPool', name, { cidr: cidr.text, ...pool.spec }, stamp);
  return { ...outcome, answer: `made IPPool(${name}) ${cidr.text}, blocks of /${answer.spec?.['blockSize']}` };
}
