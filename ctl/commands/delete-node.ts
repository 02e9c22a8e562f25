import { get } from '../../shared/datastore/query.ts';
import { ipamHostRef, nodeRef, type Ref } from '../../shared/datastore/ref.ts';
import { transact } from '../../shared/datastore/transaction.ts';
import { remove } from '../change/remove.ts';
import type { Context } from '../command-line/context.ts';
import type { Kind } from '../kinds/kind.ts';
import { kindOf } from '../kinds/kinds.ts';
import { Refused } from '../resource/fault.ts';
import { type AnyResource, refOf } from '../resource/resource.ts';
import { releaseClaims } from './delete-pool.ts';
import { findAll, findOne, findPages } from './find.ts';
import { endpointAddresses, freeOwn, type NodeAddress, tunnelAddresses } from './node-addresses.ts';
import { nodeClaims } from './node-holdings.ts';
import type { Selection } from './selection.ts';

/** How many addresses fit in one transaction. */
const AT_ONCE = 30;

/**
 * Deletes a node as the original does: releases the addresses of its endpoints and tunnels, deletes its endpoints, affinities,
 * peers, configurations and IPAM host, then the node. Also deletes what is left of a node that no longer exists.
 */
export async function deleteNode(context: Context, asked: Selection): Promise<void> {
  const { name } = asked.named;
  const node = await nodeIfThere(context, asked);
  const refused = node.length === 0 ? undefined : context.store.refusal?.({ ref: nodeRef(name), next: undefined });
  // Before anything of a node that stays is released.
  if (refused !== undefined) throw refused;
  const { endpoints, users } = await endpointsAround(context, name);
  const tunnels = node.flatMap(tunnelAddresses);
  const listed = [...endpoints.flatMap(endpointAddresses(name)), ...tunnels];
  for (const each of listed)
    if (users.has(each.address)) reportKept(context, each, `${users.get(each.address)} has it`);
  const addresses = listed.filter(({ address }) => !users.has(address));
  for (let at = 0; at < addresses.length; at += AT_ONCE) await free(context, addresses.slice(at, at + AT_ONCE));
  for (const endpoint of endpoints) await drop(context, kindOf('WorkloadEndpoint'), endpoint);
  await releaseClaims(context, [await nodeClaims(context, name)]);
  for (const kind of [kindOf('BGPPeer'), kindOf('HostEndpoint')]) {
    const { resources } = await findAll(context, kind, undefined, isOn(name));
    for (const each of resources) await drop(context, kind, each);
  }
  for (const kind of ['FelixConfiguration', 'BGPConfiguration'] as const) {
    await dropIfThere(context, refOf(kind, { name: `node.${name}` }));
  }
  await dropIfThere(context, ipamHostRef(name));
  await transact(context, () => remove(asked.kind, asked.named, asked.version));
}

/** The endpoints of a node, and whose an address is that an endpoint elsewhere has. */
async function endpointsAround(context: Context, node: string) {
  const endpoints: AnyResource[] = [];
  const users = new Map<string, string>();
  for await (const { resources } of findPages(context, kindOf('WorkloadEndpoint'), undefined)) {
    endpoints.push(...resources.filter(isOn(node)));
    const others = resources.filter((each) => !isOn(node)(each)).flatMap(endpointAddresses(node));
    for (const { address, owner } of others) users.set(address, owner);
  }
  return { endpoints, users };
}

const isOn =
  (node: string) =>
  ({ spec }: AnyResource): boolean =>
    spec?.['node'] === node;

async function nodeIfThere(context: Context, { kind, named }: Selection): Promise<readonly AnyResource[]> {
  try {
    return [await findOne(context, kind, named)];
  } catch (thrown) {
    if (thrown instanceof Refused && thrown.why === 'missing') return [];
    throw thrown;
  }
}

/** Releases what its owners still have. An address that now belongs to another owner stays, and is reported. */
async function free(context: Context, addresses: readonly NodeAddress[]): Promise<void> {
  const { kept } = await transact(context, () => freeOwn(addresses, context.world.now()));
  for (const { address, handleID } of kept) reportKept(context, address, `it is held by ${handleID}`);
}

const reportKept = ({ err }: Context, { address, owner }: NodeAddress, why: string): void =>
  err(`${address} of ${owner} is not released: ${why}\n`);

const drop = (context: Context, kind: Kind, { metadata }: AnyResource): Promise<void> =>
  dropIfThere(context, refOf(kind.name, metadata));

async function dropIfThere(context: Context, ref: Ref): Promise<void> {
  await transact(context, function* () {
    const view = yield [get(ref)];
    return { changes: view.get(ref) === undefined ? [] : [{ ref, next: undefined }], answer: undefined };
  });
}
