import { owningNode, sanitizedHandle } from '../../ipam/block/block.ts';
import { isSetAside, isTunnel } from '../../ipam/block/purpose.ts';
import type { AllocationAttribute } from '../../shared/calico/model.ts';
import { blockRef } from '../../shared/datastore/ref.ts';
import { nthAddress } from '../../shared/net/cidr.ts';
import type { Cluster } from './cluster.ts';
import { type AddressNumber, type Endpoint, nameOf, numberOf } from './endpoints.ts';
import { type Finding, ownersText } from './finding.ts';
import type { Keeper, Ledger } from './handle-counts.ts';
import { isLeftBehind } from './left-behind.ts';
import { isMachineHandle, machineOf, type WithoutPod } from './machines.ts';
import type { Seen } from './ownership.ts';

/** Adds up the addresses of all blocks, block by block. */
export interface Tally {
  allocated: number;
  /** Addresses that IPAM and endpoints agree on, by number. */
  readonly agreed: Set<AddressNumber>;
  /** Addresses that migrate with a virtual machine; two endpoints may have one during the migration. */
  readonly moving: Set<AddressNumber>;
  /** Networks that have endpoints. An address of such a network without an endpoint is leaked. */
  readonly networks: Set<string>;
  /** Addresses that virtual machines have without an endpoint; judged once it is known which machines exist. */
  readonly withoutPod: WithoutPod[];
  /** Allocated without an endpoint; judged once all networks are known. */
  readonly doubtful: Doubtful[];
}

interface Doubtful {
  readonly finding: Finding;
  readonly network: string;
  /** Whether its age, or its missing node, has already decided it. */
  readonly leaked: boolean;
}

/** One allocated address. */
interface Held {
  readonly seen: Seen;
  readonly ordinal: number;
  readonly attribute: AllocationAttribute;
  readonly handleID: string | undefined;
}

export const openTally = (): Tally => ({
  allocated: 0,
  agreed: new Set(),
  moving: new Set(),
  networks: new Set(),
  withoutPod: [],
  doubtful: [],
});

/** Counts a block's addresses into tally and ledger. Returns the findings that need no other block. */
export function tallyBlock(cluster: Cluster, seen: Seen, tally: Tally, ledger: Ledger): readonly Finding[] {
  const counts = new Map<string, number>();
  const findings: Finding[] = [];
  tally.allocated += seen.block.allocations.filter((index) => index !== null).length;
  for (const held of heldIn(seen)) {
    const { handleID } = held;
    if (handleID !== undefined) counts.set(handleID, (counts.get(handleID) ?? 0) + 1);
    findings.push(...judge(cluster, held, tally));
  }
  for (const [handleID, count] of counts) ledger.held(handleID, seen.cidr.text, count);
  return findings;
}

function* heldIn(seen: Seen): Generator<Held> {
  for (const [ordinal, index] of seen.block.allocations.entries()) {
    const attribute = index === null ? undefined : (seen.block.attributes?.[index] ?? {});
    if (attribute === undefined || isAtRest(attribute)) continue;
    const { handle_id: stored } = attribute;
    yield { seen, ordinal, attribute, handleID: stored === undefined ? undefined : sanitizedHandle(stored) };
  }
}

/** Already released, or reserved by a Windows node: it has no owner to look for. */
const isAtRest = ({ releasedAt, handle_id }: AllocationAttribute): boolean =>
  releasedAt !== undefined || isSetAside(handle_id);

function judge(cluster: Cluster, held: Held, tally: Tally): readonly Finding[] {
  const { cidr } = held.seen;
  const number = numberOf(cidr.family, cidr.base + BigInt(held.ordinal));
  if (isMachine(held)) tally.moving.add(number);
  const borrowed = borrowing(held);
  if (!cluster.users.has(number)) {
    if (cluster.tunnels.has(number)) return borrowed;
    const reported = cluster.users.reportedFor(number);
    return [...borrowed, ...(reported ? onlyReported(held, reported) : withoutEndpoint(cluster, held, tally))];
  }
  tally.agreed.add(number);
  const { network, container } = partsOf(held.handleID ?? '');
  if (cluster.users.isUsedBy(number, container)) {
    tally.networks.add(network);
    return borrowed;
  }
  const other = isMachine(held) ? undefined : cluster.users.ofContainer(container);
  return other === undefined ? borrowed : [...borrowed, ...takenBy(cluster, held, cluster.users.of(number), other)];
}

/** `<network>.<container ID>`, as plugins name handles. Without a dot it is the container ID. */
function partsOf(handleID: string): { readonly network: string; readonly container: string } {
  const dot = handleID.lastIndexOf('.');
  return { network: handleID.slice(0, Math.max(0, dot)), container: handleID.slice(dot + 1) };
}

const addressOf = ({ seen, ordinal }: Held): string => nthAddress(seen.cidr, ordinal);

/** A virtual machine keeps its address while it is stopped or migrates. */
const isMachine = ({ attribute: { secondary }, handleID }: Held): boolean =>
  secondary?.['vmi-name'] !== undefined || secondary?.['vm-uid'] !== undefined || isMachineHandle(handleID ?? '');

const isService = (handleID: string): boolean => handleID.startsWith('lb-');

/** Addresses that never have an endpoint: those of load balancers, and those that an operator assigned without a handle. */
const isExempt = (held: Held): boolean =>
  held.handleID === undefined ||
  isMachine(held) ||
  isService(held.handleID) ||
  held.attribute.secondary?.['service'] !== undefined ||
  held.seen.block.affinity?.startsWith('virtual:') === true;

/** The address of a node's tunnel. */
const isNodes = ({ handleID = '', attribute }: Held): boolean =>
  isTunnel(handleID) || /TunnelAddress$/.test(attribute.secondary?.['type'] ?? '');

function withoutEndpoint(cluster: Cluster, held: Held, tally: Tally): readonly Finding[] {
  const { handleID = '', attribute } = held;
  const machine = machineOf(handleID);
  if (machine !== undefined && !isYoung(attribute, cluster)) {
    const finding = leak(held, attribute.secondary?.['node'] ?? '');
    tally.withoutPod.push({ finding: { ...finding, owners: ownersText(attribute) }, machine });
  }
  if (isExempt(held)) return [];
  const node = attribute.secondary?.['node'] ?? '';
  const gone = node !== '' && !cluster.nodes.has(node);
  if (isNodes(held) && !gone) return [];
  const { network, container } = partsOf(handleID);
  const endpoint = cluster.users.ofContainer(container);
  const finding = leak(held, node);
  if (endpoint !== undefined) {
    return [{ ...finding, kind: 'surplus', text: `${finding.text}; endpoint ${nameOf(endpoint)} does not list it` }];
  }
  if (isYoung(attribute, cluster)) return [{ ...finding, kind: 'young' }];
  const why = gone ? `, node ${node} has no Node resource` : '';
  tally.doubtful.push({ finding: { ...finding, text: finding.text + why }, network, leaked: gone });
  return [];
}

/** Not judged while a kubelet says that a pod has it. */
function onlyReported(held: Held, endpoint: Endpoint): readonly Finding[] {
  if (isExempt(held)) return [];
  const finding = leak(held, held.attribute.secondary?.['node'] ?? '');
  const text = `${finding.text}; only the kubelet reports it, for endpoint ${nameOf(endpoint)}`;
  return [{ ...finding, kind: 'late-status', text }];
}

function leak(held: Held, node: string): Finding {
  const { seen, ordinal, handleID = '' } = held;
  const address = addressOf(held);
  const { pod, namespace } = held.attribute.secondary ?? {};
  const whose = pod === undefined ? '' : `, pod ${namespace ?? ''}/${pod}`;
  const where = node === '' ? '' : `, on ${node}`;
  return {
    kind: 'leaked',
    text: `${address}: handle ${handleID}${whose}${where}`,
    seen: [{ ref: blockRef(seen.cidr), seen: seen.version }],
    cidr: seen.cidr.text,
    address,
    handleID,
    ...(node === '' ? {} : { node }),
    sequenceNumber: seen.block.sequenceNumberForAllocation?.[String(ordinal)] ?? 0n,
  };
}

/** When it was allocated, from a time as Go prints it. Without one it counts as old. */
function isYoung({ secondary }: AllocationAttribute, { now, grace }: Cluster): boolean {
  const [, date, time] = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)/.exec(secondary?.['timestamp'] ?? '') ?? [];
  const at = Date.parse(`${date}T${time}Z`);
  return !Number.isNaN(at) && BigInt(at) * 1_000_000n > now - BigInt(Math.round(grace * 1e9));
}

function borrowing(held: Held): readonly Finding[] {
  const node = held.attribute.secondary?.['node'];
  const { block, cidr } = held.seen;
  const owner = owningNode(block);
  if (node === undefined || node === owner) return [];
  const text = `${addressOf(held)}: used on ${node}, block ${cidr.text} belongs to ${block.affinity ?? 'no one'}`;
  return [{ kind: 'borrowed', text, seen: [], cidr: cidr.text, address: addressOf(held), node }];
}

function takenBy(cluster: Cluster, held: Held, users: readonly Endpoint[], other: Endpoint): readonly Finding[] {
  const living = users.filter((user) => !isLeftBehind(cluster, user));
  if (living.length === 0) return [];
  const address = addressOf(held);
  const names = living.map(nameOf).join(', ');
  const text = `${address}: listed by endpoint ${names}, but IPAM has it for ${nameOf(other)} (handle ${held.handleID})`;
  return [{ kind: 'duplicate', text, seen: [], address }];
}

/**
 * Why a handle must stay although no block has an address for it: its container lives, or its block is missing and it never has
 * an endpoint.
 */
export function keeperOf(
  { users }: Cluster,
  handleID: string,
  named: readonly string[],
  blocks: ReadonlyMap<string, unknown>,
): Keeper | undefined {
  const endpoint = users.ofContainer(partsOf(handleID).container);
  if (endpoint !== undefined) return { endpoint: endpoint.ref };
  const isLone = isTunnel(handleID) || isMachineHandle(handleID) || isService(handleID);
  return isLone && named.some((cidr) => !blocks.has(cidr)) ? {} : undefined;
}

/** Judges the open addresses, now that it is known which networks have endpoints. */
export function doubtfulFindings({ doubtful, networks }: Tally, profiles: ReadonlySet<string>): readonly Finding[] {
  return doubtful.map(({ finding, network, leaked }) =>
    leaked || networks.has(network) || profiles.has(network) ? finding : { ...finding, kind: 'unexplained' as const },
  );
}
