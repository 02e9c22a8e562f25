import { stringifyJson } from '../../shared/calico/json.ts';
import type { Handle } from '../../shared/calico/model.ts';
import { asObject, isInteger, parseObject, sorted } from '../../shared/calico/stored.ts';
import { type HandleRef, handleRef } from '../../shared/datastore/ref.ts';
import type { Change, View } from '../../shared/datastore/view.ts';
import { type Cidr, parseCidr } from '../../shared/net/cidr.ts';

/** A handle as stored. Blocks are authoritative: Calico counts before it allocates, and may be killed in between. */
export interface StoredHandle {
  readonly ref: HandleRef;
  readonly stored: boolean;
  readonly handle: Handle;
  /** The blocks it names, in order of their names. Names that are not CIDRs are skipped, and dropped by the next write. */
  readonly blocks: readonly Cidr[];
  /** Whether every entry is valid. An invalid name or count may hide addresses that the handle holds. */
  readonly sound: boolean;
}

/** The stored handle, or an empty one when missing. Throws a Failure when its value cannot be read. */
export function readHandle(view: View, handleID: string): StoredHandle {
  const ref = handleRef(handleID);
  const entry = view.get(ref);
  if (entry === undefined)
    return { ref, stored: false, handle: { block: {}, deleted: false }, blocks: [], sound: true };
  const fields = parseObject(entry.at, entry.value);
  const stored = asObject(fields['block']);
  const counts = Object.entries(stored ?? {}).map(([cidr, count]) => [cidr, isInteger(count) ? Number(count) : 0]);
  const handle: Handle = { ...fields, block: Object.fromEntries(counts), deleted: fields['deleted'] === true };
  const blocks = Object.keys(handle.block)
    .sort()
    .flatMap((text) => parseCidr(text) ?? []);
  const sound = stored !== undefined && Object.entries(handle.block).every(countsAddresses);
  return { ref, stored: true, handle, blocks, sound };
}

const countsAddresses = ([cidr, count]: readonly [string, number]): boolean =>
  parseCidr(cidr) !== undefined && count > 0;

/** The change that sets a handle's `counts` of addresses per block CIDR; with none the handle is deleted. */
export function writeHandle(stored: StoredHandle, counts: ReadonlyMap<string, number>): Change {
  const held = Object.fromEntries([...counts].filter(([, count]) => count > 0));
  if (Object.keys(held).length === 0) return { ref: stored.ref, next: undefined };
  const { block: _, deleted, ...unknown } = stored.handle;
  return { ref: stored.ref, next: stringifyJson({ block: sorted(held), deleted, ...unknown }) };
}
