import { releaseAddresses } from '../../ipam/release-address.ts';
import { affinitiesPrefix } from '../../shared/calico/keys.ts';
import { transact } from '../../shared/etcd/transaction.ts';
import { parseAddress } from '../../shared/net/address.ts';
import type { Context } from '../context.ts';
import type { Asked } from './asked.ts';
import { releaseClaims } from './delete-pool.ts';
import { Refused } from './fault.ts';
import { findAll, findOne } from './find.ts';
import type { Kind } from './kind.ts';
import { kindNamed } from './kinds.ts';
import { remove } from './remove.ts';
import { type AnyResource, keyOf } from './resource.ts';
import { tunnelAddresses as tunnelsListed } from './tunnel-addresses.ts';

/** So many addresses fit one transaction. */
const AT_ONCE = 30;

/**
 * Deletes a node as the original does: the addresses of its endpoints and tunnels are freed, its endpoints, claims on
 * blocks, peers and own configurations go, then the node. What is there of a node that is gone already goes, too.
 */
export async function deleteNode(context: Context, asked: Asked): Promise<void> {
  const { name } = asked.named;
  const { resources } = await findAll(context, known('WorkloadEndpoint'), undefined);
  const endpoints = resources.filter(({ spec }) => spec?.['node'] === name);
  const addresses = [...endpoints.flatMap(endpointAddresses), ...(await tunnelAddresses(context, asked))];
  for (let at = 0; at < addresses.length; at += AT_ONCE) await free(context, addresses.slice(at, at + AT_ONCE));
  for (const endpoint of endpoints) await drop(context, known('WorkloadEndpoint'), endpoint);
  await releaseClaims(context, () => true, [affinitiesPrefix(name)]);
  for (const kind of [known('BGPPeer'), known('HostEndpoint')]) {
    const { resources: all } = await findAll(context, kind, undefined);
    for (const each of all.filter(({ spec }) => spec?.['node'] === name)) await drop(context, kind, each);
  }
  for (const kind of [known('FelixConfiguration'), known('BGPConfiguration')]) {
    await dropKeys(context, [keyOf(kind.plural, { name: `node.${name}` })]);
  }
  await dropKeys(context, [affinitiesPrefix(name).slice(0, -1)]);
  await transact(context, [], () => remove(asked.kind, asked.named, asked.version));
}

function known(name: string): Kind {
  const kind = kindNamed(name);
  if (kind === undefined) throw new Error(`no kind ${name}`);
  return kind;
}

const endpointAddresses = ({ spec }: AnyResource): readonly string[] =>
  (Array.isArray(spec?.['ipNetworks']) ? spec['ipNetworks'] : []).flatMap(addressIn);

/** The address of a text with or without a prefix length; none for a text that is neither. */
const addressIn = (text: unknown): readonly string[] => {
  const [address = ''] = String(text ?? '').split('/');
  return parseAddress(address) === undefined ? [] : [address];
};

async function tunnelAddresses(context: Context, { kind, named }: Asked): Promise<readonly string[]> {
  try {
    const { spec = {} } = await findOne(context, kind, named);
    return tunnelsListed(spec).flatMap(addressIn);
  } catch (thrown) {
    if (thrown instanceof Refused && thrown.why === 'missing') return [];
    throw thrown;
  }
}

async function free(context: Context, addresses: readonly string[]): Promise<void> {
  const request = { addresses: addresses.map((address) => ({ address })), now: context.world.now() };
  await transact(context, [], () => releaseAddresses(request));
}

const drop = (context: Context, { plural }: Kind, { metadata }: AnyResource): Promise<void> =>
  dropKeys(context, [keyOf(plural, metadata)]);

async function dropKeys(context: Context, keys: readonly string[]): Promise<void> {
  await transact(context, [], function* () {
    const view = yield keys.map((from) => ({ from }));
    const there = keys.filter((key) => view.get(key) !== undefined);
    return { writes: there.map((key) => ({ key, value: undefined })), answer: undefined };
  });
}
