import { Failure, failure } from '../../shared/error/failure.ts';
import { type Cidr, overlaps, parseCidr } from '../../shared/net/cidr.ts';
import { checked } from '../change/stored.ts';
import { kindOf } from '../kinds/kinds.ts';
import { type AnyResource, API_VERSION, type Fields } from '../resource/resource.ts';
import { isMaskedCidr } from '../schema/addresses.ts';
import { inOrder } from '../schema/stored.ts';
import type { Encapsulation, PoolRequest } from './request.ts';

/** A pool that passed every check: its name, and its spec as it is stored. */
export interface PrintedPool {
  readonly name: string;
  readonly cidr: Cidr;
  readonly spec: Fields;
}

const MODES: Readonly<Record<Encapsulation, Readonly<Record<string, string>>>> = {
  None: {},
  IPIP: { ipipMode: 'Always' },
  IPIPCrossSubnet: { ipipMode: 'CrossSubnet' },
  VXLAN: { vxlanMode: 'Always' },
  VXLANCrossSubnet: { vxlanMode: 'CrossSubnet' },
};

/** The pools, named as the operator names them. Throws a Failure for the first that cannot be used. */
export function poolsFor(requests: readonly PoolRequest[]): readonly PrintedPool[] {
  const cidrs = requests.map(cidrOf);
  refuseOverlaps(requests, cidrs);
  const pools = requests.map((request, at) => poolFor(request, cidrs[at] as Cidr, cidrs));
  const twice = pools.find(({ name }, at) => pools.findIndex((other) => other.name === name) !== at);
  if (twice !== undefined) throw failure(`two pools have the name ${twice.name}`, 'give each a name of its own');
  return pools;
}

function cidrOf({ from, cidr: text }: PoolRequest): Cidr {
  const cidr = parseCidr(text);
  if (cidr === undefined) {
    throw failure(`${from}: not a network`, `write ADDRESS/LENGTH, such as ${exampleLike(text)}`);
  }
  if (!isMaskedCidr(text)) throw failure(`${from}: host bits are set`, `write ${cidr.text}, if that is meant`);
  const wrong = NOT_FOR_PODS.find((range) => {
    const special = parseCidr(range);
    return special !== undefined && overlaps(special, cidr);
  });
  if (wrong !== undefined)
    throw failure(
      `${from}: pods cannot have addresses of ${wrong}`,
      `choose a private network, such as ${exampleLike(text)}`,
    );
  return cidr;
}

/** "This network", loopback, and multicast with what follows. Link-local networks are refused with the pool's other rules. */
const NOT_FOR_PODS = ['0.0.0.0/8', '127.0.0.0/8', '224.0.0.0/3', '::/64', 'ff00::/8'];

const exampleLike = (text: string): string => (text.includes(':') ? 'fd00:10:244::/64' : '10.244.0.0/16');

function refuseOverlaps(requests: readonly PoolRequest[], cidrs: readonly Cidr[]): void {
  for (const [at, cidr] of cidrs.entries()) {
    const other = cidrs.slice(0, at).find((earlier) => overlaps(earlier, cidr));
    if (other === undefined) continue;
    throw failure(
      `${requests[at]?.from}: overlaps ${other.text}`,
      'an address can be in one pool only: choose networks that do not overlap',
    );
  }
}

function poolFor(request: PoolRequest, cidr: Cidr, all: readonly Cidr[]): PrintedPool {
  const { from, blockSize, encapsulation = 'None', natOutgoing = cidr.family === 4, nodeSelector } = request;
  const { disableBGPExport, disabled, allowedUses, assignmentMode } = request;
  const name = request.name || nameFor(cidr, all);
  const given = { blockSize, nodeSelector, natOutgoing, disableBGPExport, disabled, allowedUses, assignmentMode };
  const spec = { cidr: cidr.text, ...MODES[encapsulation], ...given };
  const kind = kindOf('IPPool');
  try {
    const resource: AnyResource = { kind: kind.name, apiVersion: API_VERSION, metadata: { name }, spec: present(spec) };
    const fields = checked(kind, resource, undefined).spec ?? {};
    return { name, cidr, spec: kind.rules === undefined ? fields : inOrder(kind.rules.spec, fields) };
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    throw failure(`${from}: ${thrown.message.trim()}`, 'Calico does not take such a pool: change this setting', thrown);
  }
}

const present = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

/** The usual name where a family has one pool and there is no other family with more; else its network. */
function nameFor(cidr: Cidr, all: readonly Cidr[]): string {
  const isOnly = all.filter(({ family }) => family === cidr.family).length === 1;
  if (isOnly && all.length <= 2) return `default-ipv${cidr.family}-ippool`;
  const [base = ''] = cidr.text.split('/');
  return `${cidr.family === 4 ? base : inFull(cidr.base)}-${cidr.length}`;
}

/** An IPv6 address as a part of a name: `fd00.0010.0244.0000.…` */
function inFull(value: bigint): string {
  const digits = value.toString(16).padStart(32, '0');
  return Array.from({ length: 8 }, (_, at) => digits.slice(4 * at, 4 * at + 4)).join('.');
}
