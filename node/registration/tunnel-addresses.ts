import type { Stamp } from '../../ctl/change/metadata.ts';
import { patch } from '../../ctl/change/patch.ts';
import { kindOf } from '../../ctl/kinds/kinds.ts';
import { assign } from '../../ipam/allocate/assign.ts';
import type { AssignRequest } from '../../ipam/allocate/request.ts';
import { releaseHandles } from '../../ipam/release/release.ts';
import { releaseAddresses } from '../../ipam/release/release-address.ts';
import type { Outcome, Plan } from '../../shared/datastore/view.ts';
import { failure } from '../../shared/error/failure.ts';
import { decideTunnel, type TunnelDecision } from './tunnel-decision.ts';
import { specWith, TUNNEL_KINDS, type TunnelKind } from './tunnel-kind.ts';

/** Carries out a plan: `transact` with its options. */
export type CarryOut = <Answer>(plan: () => Plan<Outcome<Answer>>) => Promise<Answer>;

/** Whose tunnel addresses, and when. */
export interface TunnelOwner {
  readonly node: string;
  readonly stamp: Stamp;
  /** Where commits are not transactions, a killed process may have left an address that its handle does not count. */
  readonly readOwnBlocks: boolean;
}

/**
 * Sees to it that a node has the tunnel addresses that pools require: an address is kept as long as it is the node's and in
 * such a pool, and released when there is none. Answers lines that say what has changed.
 */
export async function bringTunnelAddresses(carryOut: CarryOut, owner: TunnelOwner): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const kind of TUNNEL_KINDS) {
    const decision = await carryOut(() => decideTunnel(owner.node, kind, owner.stamp.now));
    if (decision !== undefined) lines.push(...(await settle(carryOut, owner, kind, decision)));
  }
  return lines;
}

async function settle(
  carryOut: CarryOut,
  owner: TunnelOwner,
  kind: TunnelKind,
  { stored, isReleased, unnamed, pools, isCleared }: TunnelDecision,
): Promise<readonly string[]> {
  const { node } = owner;
  const { now } = owner.stamp;
  if (unnamed !== undefined) await carryOut(() => releaseAddresses({ addresses: [{ address: unnamed }], now }));
  const released = isReleased ? await release(carryOut, owner, kind) : [];
  if (isCleared) await writeNode(carryOut, owner, kind, null);
  if (pools === undefined) return released.map((address) => `released the ${kind.words} tunnel address ${address}`);
  const { addresses } = await carryOut(() => assign(requestOf(owner, kind, pools)));
  const [address] = addresses.map((each) => each.address);
  if (address === undefined) throw failure(`no ${kind.words} tunnel address could be assigned`, pools.join(', '));
  try {
    await writeNode(carryOut, owner, kind, address);
  } catch (error) {
    await release(carryOut, owner, kind).catch(() => {});
    throw error;
  }
  return [
    `Node(${node}) has the ${kind.words} tunnel address ${address}${stored === '' ? '' : `, no longer ${stored}`}`,
  ];
}

async function release(carryOut: CarryOut, { node, stamp, readOwnBlocks }: TunnelOwner, kind: TunnelKind) {
  const request = { handleIDs: [kind.handle + node], node, now: stamp.now, readOwnBlocks };
  return (await carryOut(() => releaseHandles(request))).released;
}

const writeNode = (carryOut: CarryOut, { node, stamp }: TunnelOwner, kind: TunnelKind, value: string | null) =>
  carryOut(() => patch(kindOf('Node'), { name: node }, { spec: specWith(kind, value) }, stamp));

const requestOf = ({ node, stamp }: TunnelOwner, kind: TunnelKind, pools: readonly string[]): AssignRequest => ({
  node,
  handleID: kind.handle + node,
  attributes: { node, type: kind.type },
  use: 'Tunnel',
  families: [kind.family],
  pools4: kind.family === 4 ? pools : [],
  pools6: kind.family === 6 ? pools : [],
  fixed: [],
  namespaceLabels: undefined,
  maxBlocks: 0,
  now: stamp.now,
  claimSalt: node,
});
