import { stringifyJson } from '../../shared/calico/json.ts';
import { handleKey } from '../../shared/calico/keys.ts';
import type { Handle } from '../../shared/calico/model.ts';
import { asObject, isInteger, parseObject, sorted } from '../../shared/calico/stored.ts';
import type { View, Write } from '../../shared/datastore/view.ts';
import { type Cidr, parseCidr } from '../../shared/net/cidr.ts';

/** What a handle says of itself. The blocks are the truth: the original counts before it allocates, and may be killed between. */
export interface StoredHandle {
  readonly key: string;
  readonly stored: boolean;
  readonly handle: Handle;
  /** Blocks named, in key order; names that are no CIDR are passed over, and dropped with the next write. */
  readonly blocks: readonly Cidr[];
  /** Whether all of it can be meant: what names no block or counts no addresses may have stood for some that it hides. */
  readonly sound: boolean;
}

/** The handle as etcd has it; not there: one without addresses. Throws CniError 999 when its value cannot be read. */
export function readHandle(view: View, handleID: string): StoredHandle {
  const key = handleKey(handleID);
  const entry = view.get(key);
  if (entry === undefined)
    return { key, stored: false, handle: { block: {}, deleted: false }, blocks: [], sound: true };
  const fields = parseObject(key, entry.value);
  const stored = asObject(fields['block']);
  const counts = Object.entries(stored ?? {}).map(([cidr, count]) => [cidr, isInteger(count) ? Number(count) : 0]);
  const handle: Handle = { ...fields, block: Object.fromEntries(counts), deleted: fields['deleted'] === true };
  const blocks = Object.keys(handle.block)
    .sort()
    .flatMap((text) => parseCidr(text) ?? []);
  const sound = stored !== undefined && Object.entries(handle.block).every(countsAddresses);
  return { key, stored: true, handle, blocks, sound };
}

const countsAddresses = ([cidr, count]: readonly [string, number]): boolean =>
  parseCidr(cidr) !== undefined && count > 0;

/** The write that makes a handle hold `counts` addresses per block CIDR: none, and the key goes. */
export function writeHandle(stored: StoredHandle, counts: ReadonlyMap<string, number>): Write {
  const held = Object.fromEntries([...counts].filter(([, count]) => count > 0));
  if (Object.keys(held).length === 0) return { key: stored.key, value: undefined };
  const { block: _, deleted, ...unknown } = stored.handle;
  return { key: stored.key, value: stringifyJson({ block: sorted(held), deleted, ...unknown }) };
}
