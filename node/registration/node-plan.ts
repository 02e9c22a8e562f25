import type { Stamp } from '../../ctl/change/metadata.ts';
import { patch } from '../../ctl/change/patch.ts';
import type { Chosen } from '../../ctl/init/node-address.ts';
import { make } from '../../ctl/init/plan.ts';
import { ADDRESS_FIELD, NODES, refuseUsed, storedAddress } from '../../ctl/init/stored-address.ts';
import { kindOf } from '../../ctl/kinds/kinds.ts';
import { objectOf } from '../../ctl/resource/shape.ts';
import { objectOrNothing } from '../../shared/calico/stored.ts';
import { type Entry, get } from '../../shared/datastore/query.ts';
import { isSame, nodeRef } from '../../shared/datastore/ref.ts';
import type { Outcome, Plan, View } from '../../shared/datastore/view.ts';
import { failure } from '../../shared/error/failure.ts';
import type { Family } from '../../shared/net/address.ts';

/** Where a Node's address of a family comes from: what calico/node's IP and IP6 can be. */
export interface AddressSource {
  readonly family: Family;
  /**
   * `given` by the operator; `found` on this machine again and again; `found once`, only for a Node that has none; or what the
   * Node has is `kept`.
   */
  readonly by: 'given' | 'found' | 'found once' | 'kept';
  /** Undefined if none was found. */
  readonly chosen: Chosen | undefined;
}

/** What a Node is to say of this machine. */
export interface NodeWanted {
  readonly name: string;
  readonly addresses: readonly AddressSource[];
  /** Undefined: as stored, which may be none. */
  readonly asNumber: number | undefined;
}

/** What was changed, and what the operator should look at. */
export interface Registered {
  readonly changed: readonly string[];
  readonly notes: readonly string[];
}

/** A Node's bgp fields that change, each with a text for the log. */
interface Settled {
  readonly bgp: ReadonlyMap<string, string | number>;
  readonly changed: readonly string[];
  readonly notes: readonly string[];
}

/**
 * Creates a Node or changes its addresses and AS number. Throws a Failure when it would have no address, or one that another Node
 * has. `isFirst`: the other Nodes' addresses are looked at although this one's has not changed.
 */
export function* registerNode(wanted: NodeWanted, isFirst: boolean, stamp: Stamp): Plan<Outcome<Registered>> {
  const ref = nodeRef(wanted.name);
  let view: View = yield [get(ref)];
  const own = view.get(ref);
  const settled = settle(wanted, own);
  const answer = { changed: settled.changed, notes: settled.notes };
  if (settled.bgp.size === 0 && !isFirst) return { changes: [], answer };
  view = yield [get(ref), NODES];
  const others = view.list(NODES).filter((entry) => !isSame(entry.ref, ref));
  for (const family of [4, 6] as const) refuseUsed(others, family, addressAfter(settled, own, family));
  if (settled.bgp.size === 0) return { changes: [], answer };
  const bgp = Object.fromEntries(settled.bgp);
  const { changes } =
    own === undefined
      ? yield* make('Node', wanted.name, { bgp }, stamp)
      : yield* patch(kindOf('Node'), { name: wanted.name }, { spec: { bgp } }, stamp);
  return { changes, answer };
}

const addressAfter = ({ bgp }: Settled, own: Entry | undefined, family: Family): string =>
  String(bgp.get(ADDRESS_FIELD[family]) ?? (own === undefined ? '' : storedAddress(own, family)));

function settle({ name, addresses, asNumber }: NodeWanted, own: Entry | undefined): Settled {
  const bgp = new Map<string, string | number>();
  const changed: string[] = [];
  const notes: string[] = [];
  let has = false;
  for (const source of addresses) {
    const stored = own === undefined ? '' : storedAddress(own, source.family);
    const next = addressOf(source, stored);
    has ||= next !== '';
    if (next === '' || next === stored) {
      notes.push(...lost(source, stored));
      continue;
    }
    bgp.set(ADDRESS_FIELD[source.family], next);
    changed.push(`Node(${name}) has the IPv${source.family} address ${next} (${source.chosen?.why})${instead(stored)}`);
  }
  if (!has) throw failure('no IPv4 or IPv6 addresses configured or detected, required for Calico networking', REMEDY);
  if (asNumber !== undefined && asNumber !== storedAsNumber(own)) {
    bgp.set('asNumber', asNumber);
    changed.push(`Node(${name}) has the AS number ${asNumber}`);
  }
  return { bgp, changed, notes };
}

const REMEDY = 'set one with --ip=ADDRESS, or another --ip-autodetection-method';

const instead = (stored: string): string => (stored === '' ? '' : `, no longer ${stored}`);

/** The address that a Node gets, '' for none. Throws when one was looked for in vain. */
function addressOf({ family, by, chosen }: AddressSource, stored: string): string {
  if (by === 'kept' || (by === 'found once' && stored !== '')) return stored;
  if (chosen !== undefined) return chosen.cidr;
  if (stored !== '') return stored;
  throw failure(
    `failed to autodetect an IPv${family} address`,
    'choose a different autodetection method, or provide an explicit address',
  );
}

/** What is said when an address that should be found is not there any more. */
const lost = ({ family, by, chosen }: AddressSource, stored: string): readonly string[] =>
  by === 'found' && chosen === undefined && stored !== ''
    ? [`Autodetection of IPv${family} address failed, keeping existing value: ${stored}`]
    : [];

function storedAsNumber(own: Entry | undefined): unknown {
  if (own === undefined) return undefined;
  return objectOf(objectOf(objectOrNothing(own.at, own.value)?.['spec'])?.['bgp'])?.['asNumber'];
}
