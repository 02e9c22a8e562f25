import { get } from '../../shared/datastore/query.ts';
import { blockRef, handleRef } from '../../shared/datastore/ref.ts';
import type { Outcome, Plan, View } from '../../shared/datastore/view.ts';
import { parseAddress } from '../../shared/net/address.ts';
import { type Cidr, contains, ordinalOf } from '../../shared/net/cidr.ts';
import { handleAt } from './block.ts';
import { decodeBlock } from './block-json.ts';
import { readHandle } from './handle.ts';

/**
 * One sentence for each address that the handle should hold but does not. An address is held when the handle names its block and
 * the block assigns it to the handle.
 */
export function* missingFromIpam(handleID: string, addresses: readonly string[]): Plan<Outcome<readonly string[]>> {
  const first = yield [get(handleRef(handleID))];
  const handle = readHandle(first, handleID);
  if (!handle.stored) return { changes: [], answer: [`IPAM handle ${handleID} does not exist`] };
  const view = yield handle.blocks.map((cidr) => get(blockRef(cidr)));
  return { changes: [], answer: addresses.flatMap((address) => lackOf(view, handleID, handle.blocks, address) ?? []) };
}

/** The same for several handles: nothing when one of them holds everything, otherwise what the first lacks. */
export function* missingFromAll(
  handleIDs: readonly string[],
  addresses: readonly string[],
): Plan<Outcome<readonly string[]>> {
  const answers: (readonly string[])[] = [];
  for (const handleID of handleIDs) answers.push((yield* missingFromIpam(handleID, addresses)).answer);
  return { changes: [], answer: answers.some(({ length }) => length === 0) ? [] : (answers[0] ?? []) };
}

function lackOf(view: View, handleID: string, blocks: readonly Cidr[], text: string): string | undefined {
  const address = parseAddress(text);
  if (address === undefined) return `${text} is not an IP address`;
  const cidr = blocks.find((block) => contains(block, address));
  if (cidr === undefined) return `IPAM handle ${handleID} holds no address in the block of ${text}`;
  const entry = view.get(blockRef(cidr));
  if (entry === undefined) return `IPAM block ${cidr.text}, which should hold ${text}, does not exist`;
  const holder = handleAt(decodeBlock(cidr, entry.value, entry.at), ordinalOf(cidr, address) ?? 0);
  if (holder === handleID) return undefined;
  return `${text} is assigned to ${holder ?? 'no handle'} in IPAM block ${cidr.text}, not to ${handleID}`;
}
