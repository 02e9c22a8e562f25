import { claimState } from '../../ipam/block/affinity.ts';
import { readConfig } from '../../ipam/config/ipam-config.ts';
import { decodePool, type Pool, readPools } from '../../ipam/config/pools.ts';
import { decodeReservation } from '../../ipam/config/reservations.ts';
import type { AffinityState, IPAMConfig } from '../../shared/calico/model.ts';
import { asObject, objectOrNothing, reasonOf } from '../../shared/calico/stored.ts';
import { openView } from '../../shared/datastore/known-view.ts';
import { type Entry, get, POOLS, type Version } from '../../shared/datastore/query.ts';
import { type AffinityRef, IPAM_CONFIG, type RefKind, type ResourceRef } from '../../shared/datastore/ref.ts';
import type { Cidr } from '../../shared/net/cidr.ts';
import { tunnelsListed } from '../resource/tunnels-listed.ts';
import { type AddressNumber, addressNumbers, type Endpoint, type Users } from './endpoints.ts';
import { asSeen, type Finding } from './finding.ts';

/** An affinity of a block, by its name. Its value may be unreadable. */
export interface Claim {
  readonly ref: AffinityRef;
  readonly version: Version;
  /** `host:NODE` or `virtual:NAME`, as blocks name their owners. */
  readonly owner: string;
  readonly cidr: Cidr;
  readonly state: AffinityState | 'unreadable';
}

/** The address of a node's tunnel, as its Node resource lists it. */
interface Tunnel {
  /** The Node. */
  readonly ref: ResourceRef;
  readonly version: Version;
  readonly node: string;
  readonly handleID: string;
}

/** What blocks and handles are compared with. */
export interface Cluster {
  /** Nanoseconds since 1970. */
  readonly now: bigint;
  /** How many seconds an address may be without an endpoint: the original writes one after the other. */
  readonly grace: number;
  readonly config: IPAMConfig;
  readonly pools: readonly Pool[];
  readonly nodes: ReadonlySet<string>;
  /** By the CIDR of their block. */
  readonly claims: ReadonlyMap<string, readonly Claim[]>;
  readonly users: Users;
  /** Addresses that Node resources list as those of their tunnels. */
  readonly tunnels: ReadonlyMap<AddressNumber, Tunnel>;
  /** Endpoints of nodes without a Node resource. */
  readonly leftBehind: readonly Endpoint[];
  /** Names of all profiles. Without Kubernetes, each network of `calico` has one. */
  readonly profiles: ReadonlySet<string>;
}

/** The claim that an entry is, if it is one. */
export function claimsOf({ ref, at, value, version }: Entry): readonly Claim[] {
  if (ref.kind !== 'affinity') return [];
  const owner = `${ref.type}:${ref.node}`;
  return [{ ref, version, owner, cidr: ref.cidr, state: claimState(at, value) ?? 'unreadable' }];
}

/** Reads pools and settings from their entries. An unreadable one is a finding, and the defaults apply. */
export function readSettings(
  entries: readonly Entry[],
): Pick<Cluster, 'pools' | 'config'> & { readonly findings: readonly Finding[] } {
  const those = (kind: RefKind) => entries.filter(({ ref }) => ref.kind === kind);
  const pools = those('IPPool');
  const config = those('ipamConfig');
  const view = openView();
  view.learn(POOLS, { entries: pools, refs: [] });
  const findings = [...pools.flatMap(poolFindings), ...those('IPReservation').flatMap(reservationFindings)];
  const read = (known: readonly Entry[]) => {
    view.learn(get(IPAM_CONFIG), { entries: known, refs: [] });
    return readConfig(view);
  };
  try {
    return { pools: readPools(view), config: read(config), findings };
  } catch (thrown) {
    const why = reasonOf(thrown);
    const lost = config.map((entry) => unreadable(entry, `every ADD fails: ${why}`));
    return { pools: readPools(view), config: read([]), findings: [...findings, ...lost] };
  }
}

function poolFindings(entry: Entry): readonly Finding[] {
  const pool = decodePool(entry);
  return typeof pool === 'string' ? [{ ...unreadable(entry, pool), text: pool }] : [];
}

const reservationFindings = (entry: Entry): readonly Finding[] =>
  decodeReservation(entry).unread.map((text) => ({ ...unreadable(entry, text), text }));

/** The tunnel addresses of a node. */
export function tunnelsOf({ ref, at, value, version }: Entry): readonly (readonly [AddressNumber, Tunnel])[] {
  if (ref.kind !== 'Node') return [];
  const node = ref.name;
  return tunnelsListed(node, asObject(objectOrNothing(at, value)?.['spec']) ?? {}).flatMap(({ text, handleID }) =>
    addressNumbers([text]).map((number) => [number, { ref, version, node, handleID }] as const),
  );
}

/** An unreadable value, with the reason or the consequence. */
export const unreadable = (entry: Entry, why: string): Finding => ({
  kind: 'unreadable',
  text: `${entry.at}: ${why}`,
  seen: [asSeen(entry)],
});
