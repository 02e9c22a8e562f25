import { isConfirmedState } from '../../ipam/block/affinity.ts';
import type { Guard } from '../../shared/datastore/datastore.ts';
import type { Version } from '../../shared/datastore/query.ts';
import { blockRef, handleRef, type Ref, textOf } from '../../shared/datastore/ref.ts';
import { type Cidr, nthAddress, overlaps, parseCidr, size } from '../../shared/net/cidr.ts';
import type { Claim, Cluster } from './cluster.ts';
import { type AddressNumber, nameOf, numberOf } from './endpoints.ts';
import { asSeen, type Finding } from './finding.ts';
import type { Ledger, NamingHandle } from './handle-counts.ts';
import type { Blocks } from './usage.ts';

/** A missing block whose addresses are in use by endpoints or tunnels. */
export interface LostBlock {
  readonly finding: Finding;
  readonly cidr: Cidr;
  readonly addresses: readonly AddressNumber[];
  /** How many of them each handle that names the block has. */
  readonly counts: ReadonlyMap<string, number>;
}

/** Who has an address. */
interface Holder {
  readonly ref: Ref;
  readonly version: Version;
  readonly name: string;
  /** The end of its handle's name. */
  readonly handle: string;
}

/** Blocks larger than pools allow are not searched. */
const LARGEST = 4096n;
/** How many addresses are listed one by one. */
const FEW = 3;

/** Missing blocks that handles or confirmed affinities name, and whose addresses are in use. */
export function lostBlocks(
  cluster: Cluster,
  ledger: Ledger,
  { known, cidrs }: { readonly known: Blocks; readonly cidrs: readonly Cidr[] },
): readonly LostBlock[] {
  const named = ledger.missing((cidr) => known.has(cidr));
  const claimed = [...cluster.claims.entries()].filter(([text, claims]) => !known.has(text) && claims.some(isStanding));
  const texts = new Set([...named.keys(), ...claimed.map(([text]) => text)]);
  return [...texts].sort().flatMap((text) => {
    const cidr = parseCidr(text);
    if (cidr?.text !== text || size(cidr) > LARGEST) return [];
    const held = holdersIn(cluster, cidr);
    if (held.length === 0 || cidrs.some((other) => overlaps(other, cidr))) return [];
    return [lostBlock(cluster, cidr, held, named.get(text) ?? [])];
  });
}

const isStanding = ({ state }: Claim): boolean => state !== 'unreadable' && isConfirmedState(state);

function holdersIn(cluster: Cluster, cidr: Cidr): readonly (readonly [ordinal: number, holder: Holder])[] {
  return Array.from({ length: Number(size(cidr)) }, (_, ordinal) => ordinal).flatMap((ordinal) => {
    const number = numberOf(cidr.family, cidr.base + BigInt(ordinal));
    const holder = holderOf(cluster, number);
    return holder === undefined ? [] : [[ordinal, holder] as const];
  });
}

function holderOf(cluster: Cluster, number: AddressNumber): Holder | undefined {
  const [user] = cluster.users.of(number);
  if (user !== undefined) {
    return { ref: user.ref, version: user.version, name: nameOf(user), handle: user.containerID };
  }
  const tunnel = cluster.tunnels.get(number);
  return tunnel && { ...tunnel, name: `a tunnel of ${tunnel.node}`, handle: tunnel.handleID };
}

/** The handle that ends with a container ID, or is a tunnel's, with or without a network's name in front. */
export const handleFor = (handleIDs: readonly string[], end: string): string | undefined =>
  end === '' ? undefined : handleIDs.find((handleID) => handleID === end || handleID.endsWith(`.${end}`));

function lostBlock(
  cluster: Cluster,
  cidr: Cidr,
  held: ReturnType<typeof holdersIn>,
  named: readonly NamingHandle[],
): LostBlock {
  const handleIDs = named.map(({ handleID }) => handleID);
  const handles = held.flatMap(([, holder]) => handleFor(handleIDs, holder.handle) ?? []);
  const counts = new Map<string, number>();
  for (const handleID of handles) counts.set(handleID, (counts.get(handleID) ?? 0) + 1);
  const own = (cluster.claims.get(cidr.text) ?? []).find(isStanding);
  const seen = distinct([
    { ref: blockRef(cidr), seen: undefined },
    ...held.map(([, holder]) => asSeen(holder)),
    ...named
      .filter(({ handleID }) => counts.has(handleID))
      .map(({ handleID, version }) => ({ ref: handleRef(handleID), seen: version })),
    ...(own === undefined ? [] : [asSeen(own)]),
  ]);
  const some = held.slice(0, FEW).map(([ordinal, { name }]) => `${nthAddress(cidr, ordinal)} of ${name}`);
  const rest = held.length > FEW ? ' …' : '';
  const use = held.length === 1 ? '1 of its addresses is' : `${held.length} of its addresses are`;
  const text = `${cidr.text}: missing, but ${use} in use: ${some.join(', ')}${rest}`;
  return {
    finding: { kind: 'lost-block', text, seen, cidr: cidr.text },
    cidr,
    addresses: held.map(([ordinal]) => numberOf(cidr.family, cidr.base + BigInt(ordinal))),
    counts,
  };
}

/** Each object once: an endpoint may have several addresses in a block. */
const distinct = (guards: readonly Guard[]): readonly Guard[] => [
  ...new Map(guards.map((guard) => [textOf(guard.ref), guard])).values(),
];
