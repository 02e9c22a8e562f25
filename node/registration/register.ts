import { initialise } from '../../ctl/change/initialise.ts';
import { stampOf } from '../../ctl/change/stamp.ts';
import type { Context } from '../../ctl/command-line/context.ts';
import { type AddressSetting, AUTODETECT } from '../../ctl/init/address-setting.ts';
import { type AddressSources, findAddress } from '../../ctl/init/find-address.ts';
import { addressGiven, type NodeName, nameNode, surroundings } from '../../ctl/init/this-node.ts';
import { transact } from '../../shared/datastore/transaction.ts';
import { toFailure } from '../../shared/error/failure-context.ts';
import { type DefaultPool, makeDefaultPool } from './default-pools.ts';
import { type AddressSource, type Registered, registerNode } from './node-plan.ts';
import { bringTunnelAddresses } from './tunnel-addresses.ts';

/** What registration works with. */
export type RegistrationContext = Pick<Context, 'world' | 'log' | 'store' | 'target' | 'deadline'>;

/** What the datastore is to say of this machine. */
export interface RegistrationSettings {
  readonly node: NodeName;
  readonly addresses: readonly AddressSetting[];
  readonly asNumber: number | undefined;
  readonly pools: readonly DefaultPool[];
}

/** Registers this machine: what a new datastore needs, default pools, its Node and its nodename file. */
export async function register(context: RegistrationContext, settings: RegistrationSettings): Promise<Registered> {
  const stamp = stampOf(context.world);
  const around = await surroundings(context, settings.node.name, settings.addresses);
  // First what may be refused.
  const { changed, notes } = await checkNode(context, settings, around, true);
  const cluster = await prepared(context);
  const lines = [...changed, ...cluster.changed];
  const addresses = around.host.addresses.map(({ address }) => address);
  for (const pool of settings.pools) {
    const line = await transact(context, () => makeDefaultPool(pool, addresses, stamp));
    if (line !== '') lines.push(line);
  }
  const named = nameNode(settings.node);
  if (named.made) lines.push(`made ${named.what}`);
  return { changed: lines, notes: [...notes, ...cluster.notes] };
}

/** Makes what a new datastore needs. Routes do not need it: a datastore that does not take it, or without a right, is no hindrance. */
async function prepared(context: RegistrationContext): Promise<Registered> {
  try {
    const made = await transact(context, () => initialise(stampOf(context.world)));
    return { changed: made.map((what) => `made ${what}`), notes: [] };
  } catch (thrown) {
    const refused = toFailure(thrown, 'preparing the datastore');
    if (refused.kind !== 'datastore refuses') throw thrown;
    return { changed: [], notes: [`ClusterInformation and tiers are left as they are: ${refused.message}`] };
  }
}

/** Looks again at this machine's addresses, and changes its Node when they have changed. */
export async function registerAgain(context: RegistrationContext, settings: RegistrationSettings): Promise<Registered> {
  const around = await surroundings(context, settings.node.name, settings.addresses);
  return checkNode(context, settings, around, false);
}

async function checkNode(
  context: RegistrationContext,
  { node, addresses, asNumber }: RegistrationSettings,
  around: AddressSources,
  isFirst: boolean,
): Promise<Registered> {
  const sources = await Promise.all(addresses.map((setting) => sourceOf(around, setting)));
  const wanted = { name: node.name, addresses: sources, asNumber };
  const stamp = stampOf(context.world);
  return transact(context, () => registerNode(wanted, isFirst, stamp));
}

/** calico/node looks for an IPv6 address only when that is asked for. */
async function sourceOf(around: AddressSources, setting: AddressSetting): Promise<AddressSource> {
  const { family, text, method } = setting;
  if (text === 'none' || (text === '' && family === 6)) return { family, by: 'kept', chosen: undefined };
  if (text !== AUTODETECT && text !== '') return { family, by: 'given', chosen: addressGiven(around, setting) };
  const by = text === AUTODETECT ? 'found' : 'found once';
  return { family, by, chosen: await findAddress(around, family, method) };
}

/** Gives this machine's Node the tunnel addresses that pools require, and takes those back that none requires. */
export const registerTunnels = (context: RegistrationContext, node: string): Promise<readonly string[]> =>
  bringTunnelAddresses((plan) => transact(context, plan), {
    node,
    stamp: stampOf(context.world),
    readOwnBlocks: !context.store.isTransactional,
  });
