import { flag, object, text } from '../schema/type.ts';

/** Where the password of a BGP session is: a key of a secret in calico-node's namespace. */
export const bgpPassword = object({
  secretKeyRef: object({ name: text(), key: text({ required: true }), optional: flag() }),
});
