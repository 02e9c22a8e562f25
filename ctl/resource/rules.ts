import type { Fault } from './fault.ts';
import type { AnyResource, Fields } from './resource.ts';
import type { Shape } from './shape.ts';

/** What a kind's resources must be to be stored. */
export interface Rules {
  /** Of spec. */
  readonly shape: Readonly<Record<string, Shape>>;
  /** Of status, which is stored as `{}` where it is left out; without this there is none. */
  readonly status?: Readonly<Record<string, Shape>>;
  /** The spec with what is left out filled in; its shape is right. */
  complete?(spec: Fields): Fields;
  /** What is wrong with a completed resource; `old` is the one it replaces. */
  faults(resource: AnyResource, old: AnyResource | undefined): readonly Fault[];
}
