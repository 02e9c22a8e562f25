import { affinitiesOf } from '../../shared/datastore/query.ts';
import type { AffinityRef } from '../../shared/datastore/ref.ts';
import type { Context } from '../command-line/context.ts';
import { kindOf } from '../kinds/kinds.ts';
import { Refused } from '../resource/fault.ts';
import type { AnyResource } from '../resource/resource.ts';
import { many } from '../text/numbers.ts';
import { findAll, findOne } from './find.ts';
import { endpointAddresses } from './node-addresses.ts';
import type { Selection } from './selection.ts';

/** What is deleted with a node. */
export interface Holdings {
  /** Whether it has a Node resource. */
  readonly isThere: boolean;
  readonly endpoints: number;
  readonly addresses: number;
  readonly blocks: number;
}

export async function nodeHoldings(context: Context, asked: Selection): Promise<Holdings> {
  const { name } = asked.named;
  const isHere = ({ spec }: AnyResource) => spec?.['node'] === name;
  const { resources: endpoints } = await findAll(context, kindOf('WorkloadEndpoint'), undefined, isHere);
  return {
    isThere: await isThere(context, asked),
    endpoints: endpoints.length,
    addresses: endpoints.flatMap(endpointAddresses(name)).length,
    blocks: (await nodeClaims(context, name)).length,
  };
}

/** e.g. `2 endpoints with 2 addresses, 1 block`; '' for nothing. */
export function holdingsText({ endpoints, addresses, blocks }: Holdings): string {
  const parts = [
    ...(endpoints === 0 ? [] : [`${many(endpoints, 'endpoint')} with ${many(addresses, 'address')}`]),
    ...(blocks === 0 ? [] : [many(blocks, 'block')]),
  ];
  return parts.join(', ');
}

async function isThere(context: Context, { kind, named }: Selection): Promise<boolean> {
  try {
    await findOne(context, kind, named);
    return true;
  } catch (thrown) {
    if (thrown instanceof Refused && thrown.why === 'missing') return false;
    throw thrown;
  }
}

/** The affinities of a node. */
export async function nodeClaims(context: Context, node: string): Promise<readonly AffinityRef[]> {
  const [answer] = await context.store.read([affinitiesOf(node)], context.deadline);
  return (answer?.entries ?? []).flatMap(({ ref }) => (ref.kind === 'affinity' ? [ref] : []));
}
