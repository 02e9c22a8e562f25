import { allocate, newBlock } from '../../ipam/block/block.ts';
import { encodeBlock } from '../../ipam/block/block-json.ts';
import { writeHandle } from '../../ipam/block/handle.ts';
import { goTimestamp } from '../../shared/calico/go-time.ts';
import type { AllocationAttribute, Block } from '../../shared/calico/model.ts';
import { asObject, objectOrNothing } from '../../shared/calico/stored.ts';
import { type Entry, get } from '../../shared/datastore/query.ts';
import { blockRef, handleRef, isSame, nodeRef, type Ref } from '../../shared/datastore/ref.ts';
import type { Change, Outcome, Plan, View } from '../../shared/datastore/view.ts';
import { parseAddress } from '../../shared/net/address.ts';
import { type Cidr, ordinalOf } from '../../shared/net/cidr.ts';
import type { Finding } from '../check/finding.ts';
import { handleFor } from '../check/lost-blocks.ts';
import { ownClaim } from '../check/ownership.ts';
import { tunnelsListed } from '../resource/tunnels-listed.ts';
import { CONFIRMED } from './mend-block.ts';
import { storedHandle } from './mend-handle.ts';
import { changedSince, left, type Mended, mended } from './verdict.ts';

/** How many of the 128 objects that a transaction compares may be handles. The next check takes the rest. */
const MOST_HANDLES = 100;

/** An address to be allocated again, and its owner. */
interface Given {
  readonly ordinal: number;
  readonly node: string;
  readonly attribute: AllocationAttribute;
}

/**
 * Rebuilds a missing block from the endpoints, tunnels and handles that have its addresses, in one transaction with its owner's
 * affinity. Does nothing if any of these has changed.
 */
export function* mendLost(
  cidr: Cidr,
  finding: Finding,
  { now, ours }: { readonly now: bigint; readonly ours: ReadonlySet<string> },
): Plan<Outcome<Mended>> {
  const refs = finding.seen.map(({ ref }) => ref);
  const view = yield refs.map(get);
  const changed = changedSince(view, finding, ours);
  if (changed !== undefined) return { changes: [], answer: { verdicts: [left(finding, changed)], wrote: [] } };
  const handleIDs = refs.flatMap((ref) => (ref.kind === 'handle' ? [ref.id] : []));
  const given = refs.flatMap((ref) => givenBy(view.get(ref), cidr, handleIDs, now));
  const owner = yield* ownerOf(refs, given);
  const handles = [...new Set(given.flatMap(({ attribute }) => attribute.handle_id ?? []))].slice(0, MOST_HANDLES);
  const claims = claimChange(cidr, owner);
  yield [...claims.map(({ ref }) => ref), ...handles.map(handleRef)].map(get);
  const block = given.reduce(
    (before, { ordinal, attribute }) => allocate(before, [ordinal], attribute),
    emptyBlock(cidr, owner, now),
  );
  const changes = [
    { ref: blockRef(cidr), next: encodeBlock(block) },
    ...claims,
    ...handles.flatMap((handleID) => handleChange(view, cidr, given, handleID)),
  ];
  const wrote = changes.map(({ ref }) => ref);
  const guards = handles.map(handleRef).filter((ref) => !wrote.some((each) => isSame(each, ref)));
  return { changes, guards, answer: { verdicts: [mended(finding)], wrote } };
}

/** The block's addresses that an endpoint or a node's tunnels have. */
function givenBy(entry: Entry | undefined, cidr: Cidr, handleIDs: readonly string[], now: bigint): readonly Given[] {
  if (entry?.ref.kind === 'Node') return tunnelsGiven(entry, entry.ref.name, cidr, handleIDs);
  const isEndpoint = entry?.ref.kind === 'WorkloadEndpoint' || entry?.ref.kind === 'unknown';
  return isEndpoint ? endpointsGiven(entry, cidr, handleIDs, now) : [];
}

function endpointsGiven(entry: Entry, cidr: Cidr, handleIDs: readonly string[], now: bigint): readonly Given[] {
  const fields = objectOrNothing(entry.at, entry.value);
  const spec = asObject(fields?.['spec']) ?? {};
  const namespace = textIn(asObject(fields?.['metadata']) ?? {}, 'namespace');
  const [node, pod] = [textIn(spec, 'node'), textIn(spec, 'pod')];
  const handleID = handleFor(handleIDs, textIn(spec, 'containerID')) ?? handleNamed(spec, handleIDs);
  const attribute: AllocationAttribute = {
    ...(handleID === undefined ? {} : { handle_id: handleID }),
    secondary: { ...(pod === '' ? {} : { namespace, pod }), node, timestamp: goTimestamp(now) },
  };
  const networks: readonly unknown[] = Array.isArray(spec['ipNetworks']) ? spec['ipNetworks'] : [];
  return networks.flatMap((text) => ordinalIn(cidr, text)).map((ordinal) => ({ ordinal, node, attribute }));
}

/** The handle that a plugin would have created. Its network is that of the profile, or of the block's other handles. */
function handleNamed(spec: Readonly<Record<string, unknown>>, handleIDs: readonly string[]): string | undefined {
  const container = textIn(spec, 'containerID');
  const profiles: readonly unknown[] = Array.isArray(spec['profiles']) ? spec['profiles'] : [];
  const networks = new Set(handleIDs.filter((id) => id.includes('.')).map((id) => id.slice(0, id.lastIndexOf('.'))));
  const network = spec['orchestrator'] === 'cni' ? profiles[0] : networks.size === 1 ? [...networks][0] : undefined;
  return typeof network === 'string' && container !== '' ? `${network}.${container}` : undefined;
}

function tunnelsGiven(entry: Entry, node: string, cidr: Cidr, handleIDs: readonly string[]): readonly Given[] {
  const spec = asObject(objectOrNothing(entry.at, entry.value)?.['spec']) ?? {};
  return tunnelsListed(node, spec).flatMap(({ text, handleID, type }) => {
    const attribute = { handle_id: handleFor(handleIDs, handleID) ?? handleID, secondary: { node, type } };
    return ordinalIn(cidr, text).map((ordinal) => ({ ordinal, node, attribute }));
  });
}

const textIn = (fields: Readonly<Record<string, unknown>>, name: string): string =>
  typeof fields[name] === 'string' ? String(fields[name]) : '';

function ordinalIn(cidr: Cidr, text: unknown): readonly number[] {
  const address = parseAddress(String(text).replace(/\/\d+$/, ''));
  return (address && [ordinalOf(cidr, address) ?? []].flat()) ?? [];
}

/** Who owned the block: the node with an affinity, or else the node of all its addresses, if it exists. */
function* ownerOf(refs: readonly Ref[], given: readonly Given[]): Plan<string | undefined> {
  const [claim] = refs.flatMap((ref) => (ref.kind === 'affinity' ? [ref] : []));
  if (claim !== undefined) return `${claim.type}:${claim.node}`;
  const [node, ...others] = new Set(given.map((each) => each.node));
  if (!node || others.length > 0) return undefined;
  const view = yield [get(nodeRef(node))];
  return view.get(nodeRef(node)) === undefined ? undefined : `host:${node}`;
}

function emptyBlock(cidr: Cidr, owner: string | undefined, now: bigint): Block {
  const { affinity_claim_time: claimed, ...block } = newBlock(cidr, '', now);
  return owner === undefined || claimed === undefined
    ? { ...block, affinity: null }
    : { ...block, affinity: owner, affinity_claim_time: claimed };
}

function claimChange(cidr: Cidr, owner: string | undefined): readonly Change[] {
  const ref = ownClaim({ affinity: owner ?? null }, cidr);
  return ref === undefined ? [] : [{ ref, next: CONFIRMED }];
}

/** Corrects the handle's count for the block, if it differs. */
function handleChange(view: View, cidr: Cidr, given: readonly Given[], handleID: string): readonly Change[] {
  const stored = storedHandle(view, handleID);
  const count = given.filter(({ attribute }) => attribute.handle_id === handleID).length;
  if (stored.handle.block[cidr.text] === count) return [];
  return [writeHandle(stored, new Map([...Object.entries(stored.handle.block), [cidr.text, count]]))];
}
