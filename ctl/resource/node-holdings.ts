import { affinitiesPrefix, parseAffinityKey } from '../../shared/calico/keys.ts';
import { openScan } from '../../shared/etcd/scan.ts';
import { many } from '../check/text.ts';
import type { Context } from '../context.ts';
import type { Asked } from './asked.ts';
import { Refused } from './fault.ts';
import { findAll, findOne } from './find.ts';
import { kindNamed } from './kinds.ts';
import { endpointAddresses } from './node-addresses.ts';

/** What goes with a node. */
export interface Holdings {
  /** Whether it has a Node resource. */
  readonly isThere: boolean;
  readonly endpoints: number;
  readonly addresses: number;
  readonly blocks: number;
}

export async function nodeHoldings(context: Context, asked: Asked): Promise<Holdings> {
  const { name } = asked.named;
  const kind = kindNamed('WorkloadEndpoint');
  const { resources } = kind === undefined ? { resources: [] } : await findAll(context, kind, undefined);
  const endpoints = resources.filter(({ spec }) => spec?.['node'] === name);
  return {
    isThere: await isThere(context, asked),
    endpoints: endpoints.length,
    addresses: endpoints.flatMap(endpointAddresses(name)).length,
    blocks: await countBlocks(context, name),
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

async function isThere(context: Context, { kind, named }: Asked): Promise<boolean> {
  try {
    await findOne(context, kind, named);
    return true;
  } catch (thrown) {
    if (thrown instanceof Refused && thrown.why === 'missing') return false;
    throw thrown;
  }
}

async function countBlocks(context: Context, name: string): Promise<number> {
  const scan = openScan(context.etcd, context.world, context.log);
  let count = 0;
  try {
    for await (const page of scan.pages(affinitiesPrefix(name), 500)) {
      count += page.filter(({ key }) => parseAffinityKey(key) !== undefined).length;
    }
    return count;
  } finally {
    scan.close();
  }
}
