import type { View } from '../../shared/datastore/view.ts';
import { tryBlockAt } from '../block/ask.ts';
import type { StoredHandle } from '../block/handle.ts';
import type { Look } from '../group/choice.ts';
import type { GroupWish } from './request.ts';
import { coolingOf, type Setting } from './setting.ts';

/** What a member is chosen from. The blocks of all portions that are asked about must have been read. */
export interface Choosing {
  readonly view: View;
  readonly setting: Setting;
  readonly wish: GroupWish;
  readonly handle: StoredHandle;
}

/** Looks at each block once: decoding one takes half a millisecond. */
export function lookIn({ view, setting }: Pick<Choosing, 'view' | 'setting'>): Look {
  const known = new Map<string, ReturnType<Look>>();
  return (cidr) => {
    if (!known.has(cidr.text)) known.set(cidr.text, tryBlockAt(view, cidr, coolingOf(setting)));
    return known.get(cidr.text);
  };
}
