import type { ResourceKind } from '../../shared/calico/resource-kind.ts';
import type { AnyResource } from '../resource/resource.ts';
import type { Rules } from './rules.ts';

/** What a column shows needs beside the resource itself. */
export interface Surroundings {
  /** Of nodes that have none of their own. */
  readonly asNumber: string;
}

type Cell = (resource: AnyResource, around: Surroundings) => string;

/** A kind of v3 resource. */
export interface Kind {
  readonly name: ResourceKind;
  /** In lower case: what the command line says. */
  readonly plural: string;
  /** Other words for it on the command line, in lower case. */
  readonly words: readonly string[];
  readonly namespaced: boolean;
  readonly columns: Readonly<Record<string, Cell>>;
  readonly usual: readonly string[];
  readonly wide: readonly string[];
  /** What is filled in and checked; a kind without is not written. */
  readonly rules?: Rules;
  /** What lists are in order of, where not of names. */
  readonly rank?: (resource: AnyResource) => number;
  /** Why it cannot be created, changed or deleted by hand. */
  readonly readOnly?: string;
  /** Whether it is deleted by hand all the same. */
  readonly isDeletable?: boolean;
}

/** Resources of one kind, and the version of the datastore that they were read at. */
export interface Listed {
  readonly kind: Kind;
  readonly resources: readonly AnyResource[];
  readonly version: string;
}
