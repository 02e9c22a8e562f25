import type { Entry } from '../datastore/query.ts';
import { type Ref, textOf } from '../datastore/ref.ts';
import type { ApiObject } from './resource-access.ts';

/** An object as last seen on the server, and its entry in Calico's model; undefined when it counts as missing. */
export interface HeldObject {
  readonly object: ApiObject;
  readonly entry: Entry | undefined;
  /** The server's answer to this call's last write of it. */
  readonly written?: string;
}

/** The objects read and written so far. A write sends back the fields that the model does not show. */
export interface Held {
  get(ref: Ref): HeldObject | undefined;
  /** Undefined: missing on the server. */
  set(ref: Ref, held: HeldObject | undefined): void;
}

export function openHeld(): Held {
  const objects = new Map<string, HeldObject>();
  return {
    get: (ref) => objects.get(textOf(ref)),
    set(ref, held) {
      if (held === undefined) objects.delete(textOf(ref));
      else objects.set(textOf(ref), held);
    },
  };
}
