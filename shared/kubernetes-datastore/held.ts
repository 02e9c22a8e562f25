import type { Entry } from '../datastore/query.ts';
import { type Ref, textOf } from '../datastore/ref.ts';
import type { ApiObject } from './resource-access.ts';

/** An object as the server had it last, and what it is in Calico's model; undefined when it counts as not being there. */
export interface HeldObject {
  readonly object: ApiObject;
  readonly entry: Entry | undefined;
}

/** The objects read and written so far: a write sends back what of an object the model does not show. */
export interface Held {
  get(ref: Ref): HeldObject | undefined;
  /** Undefined: the server has none. */
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
