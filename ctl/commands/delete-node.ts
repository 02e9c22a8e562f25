import type { ResourceKind } from '../../shared/calico/resource-kind.ts';
import { get } from '../../shared/datastore/query.ts';
import { ipamHostRef, nodeRef, type Ref } from '../../shared/datastore/ref.ts';
import { transact } from '../../shared/datastore/transaction.ts';
import { remove } from '../change/remove.ts';
import type { Context } from '../command-line/context.ts';
import type { Kind } from '../kinds/kind.ts';
import { kindNamed } from '../kinds/kinds.ts';
import { Refused } from '../resource/fault.ts';
import { type AnyResource, refOf } from '../resource/resource.ts';
import type { Asked } from './asked.ts';
import { releaseClaims } from './delete-pool.ts';
import { findAll, findOne } from './find.ts';
import { endpointAddresses, freeOwn, type NodeAddress, tunnelAddresses } from './node-addresses.ts';
import { nodeClaims } from './node-holdings.ts';

/** So many addresses fit one transaction. */
const AT_ONCE = 30;

/**
 * Deletes a node as the original does: the addresses that its endpoints and tunnels hold are freed, its endpoints, claims on
 * blocks, peers, own configurations and IPAM host go, then the node. What is there of a node that is gone already goes, too.
 */
export async function deleteNode(context: Context, asked: Asked): Promise<void> {
  const { name } = asked.named;
  const node = await nodeIfThere(context, asked);
  const refused = node.length === 0 ? undefined : context.store.refusal?.({ ref: nodeRef(name), next: undefined });
  // Before anything of a node that stays is released.
  if (refused !== undefined) throw refused;
  const { resources } = await findAll(context, known('WorkloadEndpoint'), undefined);
  const endpoints = resources.filter(({ spec }) => spec?.['node'] === name);
  const others = resources.filter((each) => !endpoints.includes(each)).flatMap(endpointAddresses(name));
  const users = new Map(others.map(({ address, owner }) => [address, owner]));
  const tunnels = node.flatMap(tunnelAddresses);
  const listed = [...endpoints.flatMap(endpointAddresses(name)), ...tunnels];
  for (const each of listed) if (users.has(each.address)) tellKept(context, each, `${users.get(each.address)} has it`);
  const addresses = listed.filter(({ address }) => !users.has(address));
  for (let at = 0; at < addresses.length; at += AT_ONCE) await free(context, addresses.slice(at, at + AT_ONCE));
  for (const endpoint of endpoints) await drop(context, known('WorkloadEndpoint'), endpoint);
  await releaseClaims(context, [await nodeClaims(context, name)]);
  for (const kind of [known('BGPPeer'), known('HostEndpoint')]) {
    const { resources: all } = await findAll(context, kind, undefined);
    for (const each of all.filter(({ spec }) => spec?.['node'] === name)) await drop(context, kind, each);
  }
  for (const kind of ['FelixConfiguration', 'BGPConfiguration'] as const) {
    await dropIfThere(context, refOf(kind, { name: `node.${name}` }));
  }
  await dropIfThere(context, ipamHostRef(name));
  await transact(context, () => remove(asked.kind, asked.named, asked.version));
}

function known(name: ResourceKind): Kind {
  const kind = kindNamed(name);
  if (kind === undefined) throw new Error(`no kind ${name}`);
  return kind;
}

async function nodeIfThere(context: Context, { kind, named }: Asked): Promise<readonly AnyResource[]> {
  try {
    return [await findOne(context, kind, named)];
  } catch (thrown) {
    if (thrown instanceof Refused && thrown.why === 'missing') return [];
    throw thrown;
  }
}

/** Frees what its owners still hold; an address that is another's by now stays with that one, and this is said. */
async function free(context: Context, addresses: readonly NodeAddress[]): Promise<void> {
  const { kept } = await transact(context, () => freeOwn(addresses, context.world.now()));
  for (const { address, handleID } of kept) tellKept(context, address, `it is held by ${handleID}`);
}

const tellKept = ({ err }: Context, { address, owner }: NodeAddress, why: string): void =>
  err(`${address} of ${owner} is not released: ${why}\n`);

const drop = (context: Context, kind: Kind, { metadata }: AnyResource): Promise<void> =>
  dropIfThere(context, refOf(kind.name, metadata));

async function dropIfThere(context: Context, ref: Ref): Promise<void> {
  await transact(context, function* () {
    const view = yield [get(ref)];
    return { changes: view.get(ref) === undefined ? [] : [{ ref, next: undefined }], answer: undefined };
  });
}
