import { claimState } from '../../ipam/block/affinity.ts';
import { readConfig } from '../../ipam/config/ipam-config.ts';
import { decodePool, type Pool, readPools } from '../../ipam/config/pools.ts';
import { decodeReservation } from '../../ipam/config/reservations.ts';
import { CONFIG_KEY, nodeKey, parseAffinityKey, poolsPrefix, reservationsPrefix } from '../../shared/calico/keys.ts';
import type { AffinityState, IPAMConfig } from '../../shared/calico/model.ts';
import { asObject, objectOrNothing, reasonOf } from '../../shared/calico/stored.ts';
import { openView } from '../../shared/datastore/known-view.ts';
import { type Entry, one, under } from '../../shared/datastore/view.ts';
import type { Cidr } from '../../shared/net/cidr.ts';
import { tunnelsListed } from '../resource/tunnels-listed.ts';
import { type AddressNumber, addressNumbers, type Endpoint, type Users } from './endpoints.ts';
import type { Finding } from './finding.ts';

/** A claim on a block as its key tells; its value may be what nobody can read. */
export interface Claim {
  readonly key: string;
  readonly revision: number;
  /** `host:NODE` or `virtual:NAME`, as blocks name their owners. */
  readonly owner: string;
  readonly cidr: Cidr;
  readonly state: AffinityState | 'unreadable';
}

/** A node's end of a tunnel, as its Node resource lists it. */
interface Tunnel {
  /** Of the Node. */
  readonly key: string;
  readonly revision: number;
  readonly node: string;
  readonly handleID: string;
}

/** What blocks and handles are held against. */
export interface Cluster {
  /** Nanoseconds since 1970. */
  readonly now: bigint;
  /** Seconds that an address may be without an endpoint: the original writes them one after the other. */
  readonly grace: number;
  readonly config: IPAMConfig;
  readonly pools: readonly Pool[];
  readonly nodes: ReadonlySet<string>;
  /** By the text of their block. */
  readonly claims: ReadonlyMap<string, readonly Claim[]>;
  readonly users: Users;
  /** Addresses that Node resources list as those of their tunnels. */
  readonly tunnels: ReadonlyMap<AddressNumber, Tunnel>;
  /** Endpoints of nodes without a Node resource. */
  readonly leftBehind: readonly Endpoint[];
  /** Names of all profiles: a network of `calico` has one where there is no Kubernetes. */
  readonly profiles: ReadonlySet<string>;
}

export const claimsOf = (entries: readonly Entry[]): readonly Claim[] =>
  entries.flatMap((entry) => claimOf(entry) ?? []);

function claimOf({ key, value, modRevision }: Entry): Claim | undefined {
  const name = parseAffinityKey(key);
  if (name === undefined) return undefined;
  const owner = `${name.type}:${name.node}`;
  return { key, revision: modRevision, owner, cidr: name.cidr, state: claimState(key, value) ?? 'unreadable' };
}

/** Pools and settings out of their entries; what of them cannot be read is a finding, and the defaults hold. */
export function readSettings(
  entries: readonly Entry[],
): Pick<Cluster, 'pools' | 'config'> & { readonly findings: readonly Finding[] } {
  const below = (prefix: string) => entries.filter(({ key }) => key.startsWith(prefix));
  const pools = below(poolsPrefix);
  const config = entries.filter(({ key }) => key === CONFIG_KEY);
  const view = openView();
  view.learn(under(poolsPrefix), { entries: pools, more: false, count: pools.length });
  const findings = [...pools.flatMap(poolFindings), ...below(reservationsPrefix).flatMap(reservationFindings)];
  const read = (known: readonly Entry[]) => {
    view.learn(one(CONFIG_KEY), { entries: known, more: false, count: known.length });
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

/** Addresses of the tunnels of all nodes, out of their entries. */
export const tunnelsOf = (nodes: readonly Entry[]): Cluster['tunnels'] =>
  new Map(
    nodes.flatMap(({ key, value, modRevision: revision }) => {
      const node = key.slice(nodeKey('').length);
      return tunnelsListed(node, asObject(objectOrNothing(key, value)?.['spec']) ?? {}).flatMap(({ text, handleID }) =>
        addressNumbers([text]).map((number) => [number, { key, revision, node, handleID }] as const),
      );
    }),
  );

/** A value that cannot be read, with the reason or what follows from it. */
export const unreadable = ({ key, modRevision }: Pick<Entry, 'key' | 'modRevision'>, why: string): Finding => ({
  kind: 'unreadable',
  text: `${key}: ${why}`,
  seen: { [key]: modRevision },
});
