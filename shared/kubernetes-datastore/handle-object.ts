import { handleObjectName } from '../calico/object-name.ts';
import { parseObject } from '../calico/stored.ts';
import { type HandleRef, handleRef, textOf } from '../datastore/ref.ts';
import type { IpamObject } from './ipam-object.ts';
import { specOf } from './metadata.ts';

/** Handles as custom resources. The object's name is in lower case; its spec has the exact ID. */
export const HANDLES: IpamObject = {
  plural: () => 'ipamhandles',
  kind: () => 'IPAMHandle',
  name: (ref) => (ref.kind === 'handle' ? handleObjectName(ref.id) : ''),
  refOf: ({ handleID }) => (typeof handleID === 'string' ? handleRef(handleID) : undefined),
  isDeleted: ({ deleted }) => deleted === true,
  fields: (object) => ({ block: specOf(object)['block'] ?? {}, deleted: false }),
  spec(ref, value) {
    const { block } = parseObject(textOf(ref), value);
    return { handleID: (ref as HandleRef).id, block: block ?? {}, deleted: false };
  },
};
