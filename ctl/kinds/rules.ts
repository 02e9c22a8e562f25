import type { Fault } from '../resource/fault.ts';
import type { AnyResource, Fields, Named } from '../resource/resource.ts';
import type { ObjectType, Type } from '../schema/type.ts';

/** What is done to a resource. */
export type Operation = 'create' | 'replace' | 'apply' | 'patch' | 'delete';

/** What a kind's resources must be to be stored. */
export interface Rules {
  readonly spec: ObjectType;
  /** Of status; without this there is none. */
  readonly status?: Type;
  /** The spec with what follows from the rest of it filled in; it is well-formed. */
  complete?(spec: Fields): Fields;
  /** What is wrong with a completed resource; `old` is the one it replaces. */
  faults?(resource: AnyResource, old: AnyResource | undefined): readonly Fault[];
  /** Throws Refused for what this name does not allow. */
  refuse?(operation: Operation, named: Named): void;
  /** What is stored of a resource, where that is more than was given. */
  stored?(resource: AnyResource): AnyResource;
  /** What is shown of a stored one: the original fills in on reading, too. */
  shown?(resource: AnyResource): AnyResource;
  /** The tier that must exist for it. */
  tier?(resource: AnyResource): string;
}
