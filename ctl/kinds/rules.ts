import type { Fault } from '../resource/fault.ts';
import type { AnyResource, Fields, Named } from '../resource/resource.ts';
import type { ObjectType, Type } from '../schema/type.ts';

/** What is done to a resource. */
export type Operation = 'create' | 'replace' | 'apply' | 'patch' | 'delete';

/** What the resources of a kind must be like to be stored. */
export interface Rules {
  readonly spec: ObjectType;
  /** The schema of status. Without it there is no status. */
  readonly status?: Type;
  /** Fills in what follows from the rest of a well-formed spec. */
  complete?(spec: Fields): Fields;
  /** The faults of a completed resource; `old` is the one that it replaces. */
  faults?(resource: AnyResource, old: AnyResource | undefined): readonly Fault[];
  /** Throws Refused if the action is not allowed for this name. */
  refuse?(operation: Operation, named: Named): void;
  /** The resource as stored, if that is more than was given. */
  stored?(resource: AnyResource): AnyResource;
  /** The stored resource as shown: the original also fills in fields on reading. */
  shown?(resource: AnyResource): AnyResource;
  /** The tier that must exist for it. */
  tier?(resource: AnyResource): string;
}
