import { readGoTimestamp } from '../../shared/calico/go-time.ts';
import type { Block } from '../../shared/calico/model.ts';
import { type Cidr, nthAddress } from '../../shared/net/cidr.ts';
import { attributeAt } from './block.ts';

/** Who has an address, as its block tells. Very old attributes name no node, and only pods have a name. */
export interface AddressHolder {
  readonly address: string;
  readonly handleID: string | undefined;
  readonly node: string | undefined;
  readonly namespace: string;
  /** '' for a container that is not a pod. */
  readonly pod: string;
  /** Nanoseconds since 1970. */
  readonly assignedAt: bigint | undefined;
  /** Set while a released address cools down. */
  readonly releasedAt: string | undefined;
}

/** Who has the address at `ordinal`; undefined when it is free. */
export function holderAt(block: Block, cidr: Cidr, ordinal: number): AddressHolder | undefined {
  if (block.allocations[ordinal] === null) return undefined;
  const { handle_id: handleID, secondary = {}, releasedAt } = attributeAt(block, ordinal) ?? {};
  const { node, namespace = '', pod = '', timestamp = '' } = secondary;
  const address = nthAddress(cidr, ordinal);
  return { address, handleID, node, namespace, pod, assignedAt: readGoTimestamp(timestamp), releasedAt };
}

/** `pod prod/web-1 on node node2`, `net1.c1 on node node2`, `no handle, cooling down since …`. */
export function holderText({ handleID, node, namespace, pod, releasedAt }: AddressHolder): string {
  if (releasedAt !== undefined) return `no handle, cooling down since ${releasedAt}`;
  const who = pod === '' ? (handleID ?? 'no handle') : `pod ${namespace}/${pod}`;
  return node === undefined ? who : `${who} on node ${node}`;
}
