import { objectOrNothing } from '../../shared/calico/stored.ts';
import { get } from '../../shared/datastore/query.ts';
import { nodeRef } from '../../shared/datastore/ref.ts';
import type { Context } from '../command-line/context.ts';
import { objectOf } from '../resource/shape.ts';

/** A Kubernetes node's addresses of type InternalIP; undefined on a datastore that has no Kubernetes nodes. */
export async function internalIps(
  context: Pick<Context, 'target' | 'store' | 'deadline'>,
  node: string,
): Promise<readonly string[] | undefined> {
  if (context.target.type !== 'kubernetes') return undefined;
  const [answer] = await context.store.read([get(nodeRef(node))], context.deadline);
  const [entry] = answer?.entries ?? [];
  const addresses = entry && objectOf(objectOrNothing(entry.at, entry.value)?.['spec'])?.['addresses'];
  return (Array.isArray(addresses) ? addresses : []).flatMap((each) => {
    const { type, address } = objectOf(each) ?? {};
    return type === 'InternalIP' && typeof address === 'string' ? [address] : [];
  });
}
