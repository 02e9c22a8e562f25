import { readPools } from '../../ipam/config/pools.ts';
import { type Entry, POOLS } from '../../shared/datastore/query.ts';
import { isSame, nodeRef } from '../../shared/datastore/ref.ts';
import type { Outcome, Plan } from '../../shared/datastore/view.ts';
import { type Failure, failure } from '../../shared/error/failure.ts';
import type { Family } from '../../shared/net/address.ts';
import type { Stamp } from '../change/metadata.ts';
import { patch } from '../change/patch.ts';
import { kindOf } from '../kinds/kinds.ts';
import type { Chosen } from './node-address.ts';
import { type InitStep, make } from './plan.ts';
import { ADDRESS_FIELD, NODES, plainAddress, refuseUsed, storedAddress } from './stored-address.ts';

/** Where a Node's address of a family comes from. */
export interface AddressAsked {
  readonly family: Family;
  /** `given` by the operator, or `found` on this machine; `none` if the Node gets no address of this family. */
  readonly by: 'given' | 'found' | 'none';
  /** Undefined if none was found. */
  readonly chosen: Chosen | undefined;
}

/** A node's name, and the addresses for its resource. */
export interface NodeAsked {
  readonly name: string;
  readonly addresses: readonly AddressAsked[];
  /** Whether an IPv6 pool is being created. Without one, no IPv6 address is looked for. */
  readonly ipv6: boolean;
}

/** What initNode did, and for which families no address was found. */
export interface NodeMade {
  readonly steps: readonly InitStep[];
  readonly lacking: readonly Family[];
}

/**
 * Creates a Node with its addresses, or adds addresses of a family that it lacks. Throws a Failure when another Node has an
 * address, when the Node has a different one than given, and when it would have none at all.
 */
export function* initNode(asked: NodeAsked, stamp: Stamp): Plan<Outcome<NodeMade>> {
  const { name } = asked;
  const view = yield [NODES, POOLS];
  const hasIpv6 = asked.ipv6 || readPools(view).some(({ cidr }) => cidr.family === 6);
  const wanted = asked.addresses.filter(({ family, by }) => family === 4 || by === 'given' || hasIpv6);
  const own = view.get(nodeRef(name));
  const others = view.list(NODES).filter(({ ref }) => !isSame(ref, nodeRef(name)));
  const { had, add, lacking } = settle(name, wanted, own, others);
  const bgp = Object.fromEntries([...add].map(([family, { cidr }]) => [ADDRESS_FIELD[family], cidr]));
  const steps = own === undefined ? [newNode(name, add)] : [foundNode(name, had), ...addedTo(name, add)];
  const answer = { steps, lacking };
  if (own !== undefined && add.size === 0) return { changes: [], answer };
  const { changes } =
    own === undefined
      ? yield* make('Node', name, add.size === 0 ? {} : { bgp }, stamp)
      : yield* patch(kindOf('Node'), { name }, { spec: { bgp } }, stamp);
  return { changes, answer };
}

interface Settled {
  readonly had: ReadonlyMap<Family, string>;
  readonly add: ReadonlyMap<Family, Chosen>;
  readonly lacking: readonly Family[];
}

function settle(
  name: string,
  wanted: readonly AddressAsked[],
  own: Entry | undefined,
  others: readonly Entry[],
): Settled {
  const [had, add] = [new Map<Family, string>(), new Map<Family, Chosen>()];
  for (const asked of wanted) {
    const { family, chosen } = asked;
    const stored = own === undefined ? '' : storedAddress(own, family);
    if (stored !== '') had.set(family, stored);
    else if (chosen !== undefined) add.set(family, chosen);
    refuseOther(name, asked, stored);
    refuseUsed(others, family, stored || chosen?.cidr || '');
  }
  const families = (by: AddressAsked['by']) => wanted.filter((asked) => asked.by === by).map(({ family }) => family);
  if (had.size + add.size === 0 && families('none').length === 0) throw unreachable(name);
  return { had, add, lacking: families('found').filter((family) => !had.has(family) && !add.has(family)) };
}

const listed = (family: Family, cidr: string): string => `IPv${family} address ${cidr}`;

const newNode = (name: string, add: Settled['add']): InitStep => ({
  made: true,
  what: [`Node(${name})`, ...[...add].map(([family, { cidr, why }]) => `${listed(family, cidr)} (${why})`)].join(', '),
});

const foundNode = (name: string, had: Settled['had']): InitStep => ({
  made: false,
  what: [`Node(${name})`, ...[...had].map(([family, cidr]) => listed(family, cidr))].join(', '),
});

const addedTo = (name: string, add: Settled['add']): readonly InitStep[] =>
  [...add].map(([family, { cidr, why }]) => ({
    made: true,
    what: `${listed(family, cidr)} of Node(${name}) (${why})`,
  }));

function refuseOther(name: string, { family, by, chosen }: AddressAsked, stored: string): void {
  if (by !== 'given' || stored === '' || plainAddress(stored) === plainAddress(chosen?.cidr ?? '')) return;
  throw failure(
    `Node(${name}) has the IPv${family} address ${stored}, not ${chosen?.cidr}`,
    `change it with: calicoctl patch node ${name} -p '{"spec": {"bgp": {"${ADDRESS_FIELD[family]}": "${chosen?.cidr}"}}}'`,
  );
}

const unreachable = (name: string): Failure =>
  failure(
    `no address for Node(${name}) was found on this machine`,
    'set one with --ip=ADDRESS, or use --ip=none if neither BGP nor tunnels are used',
  );
