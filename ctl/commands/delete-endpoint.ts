import { fileContent } from '../../shared/call/node-name.ts';
import { NODENAME_FILE } from '../../shared/cni/netconf-read.ts';
import { transact } from '../../shared/datastore/transaction.ts';
import { interfacesIn } from '../../shared/system/interfaces.ts';
import { remove } from '../change/remove.ts';
import type { Context } from '../command-line/context.ts';
import { unsupported } from '../resource/fault.ts';
import { type AnyResource, identifier } from '../resource/resource.ts';
import { findAll, findOne } from './find.ts';
import { endpointAddresses, freeOwn } from './node-addresses.ts';
import type { Selection } from './selection.ts';

/** Describes an endpoint to be deleted, with what is lost. Throws Refused when it does not exist, or its container lives on this node. */
export async function endpointAtStake(context: Context, { kind, named }: Selection): Promise<string> {
  const endpoint = await findOne(context, kind, named);
  refuseLiving(endpoint);
  const addresses = endpointAddresses(nodeOf(endpoint))(endpoint).map(({ address }) => address);
  const container = textOf(endpoint, 'containerID');
  const whose = container === '' ? '' : ` of container ${container}`;
  return `${identifier(kind.name, named)} on ${nodeOf(endpoint)}${whose}, addresses ${addresses.join(', ') || 'none'}`;
}

/** Deletes an endpoint whose container is gone. Addresses that only it has are released first. Throws Refused. */
export async function deleteEndpoint(context: Context, { kind, named, version }: Selection): Promise<void> {
  const endpoint = await findOne(context, kind, named);
  refuseLiving(endpoint);
  const { resources } = await findAll(context, kind, undefined);
  const node = nodeOf(endpoint);
  const others = resources.filter((each) => identifier(kind.name, each.metadata) !== identifier(kind.name, named));
  const used = new Set(others.flatMap(endpointAddresses(node)).map(({ address }) => address));
  const own = endpointAddresses(node)(endpoint).filter(({ address }) => !used.has(address));
  await transact(context, () => freeOwn(own, context.world.now()));
  await transact(context, () => remove(kind, named, version));
}

const textOf = ({ spec }: AnyResource, field: string): string => {
  const value = spec?.[field];
  return typeof value === 'string' ? value : '';
};

const nodeOf = (endpoint: AnyResource): string => textOf(endpoint, 'node');

/** On its own node: if its interface exists, the container lives. */
function refuseLiving(endpoint: AnyResource): void {
  const name = textOf(endpoint, 'interfaceName');
  const isHere = nodeOf(endpoint) !== '' && nodeOf(endpoint) === fileContent(NODENAME_FILE);
  if (!isHere || !interfacesIn(fileContent('/proc/net/dev')).includes(name)) return;
  const why = `its interface ${name} is on this node: stop the container; its DEL deletes the endpoint`;
  throw unsupported('delete', identifier(endpoint.kind, endpoint.metadata), why);
}
