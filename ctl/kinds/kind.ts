import type { ResourceKind } from '../../shared/calico/resource-kind.ts';
import type { AnyResource } from '../resource/resource.ts';
import type { Rules } from './rules.ts';

/** What columns need besides the resource itself. */
export interface Surroundings {
  /** For nodes without their own. */
  readonly asNumber: string;
}

type Cell = (resource: AnyResource, around: Surroundings) => string;

/** A kind of v3 resource. */
export interface Kind {
  readonly name: ResourceKind;
  /** In lower case, for the command line. */
  readonly plural: string;
  /** Other words for it on the command line, in lower case. */
  readonly words: readonly string[];
  readonly namespaced: boolean;
  readonly columns: Readonly<Record<string, Cell>>;
  readonly usual: readonly string[];
  readonly wide: readonly string[];
  /** Defaults and checks. A kind without them is read-only. */
  readonly rules?: Rules;
  /** The sort key of lists, if not the name. */
  readonly rank?: (resource: AnyResource) => number;
  /** Why it cannot be created, changed or deleted by hand. */
  readonly readOnly?: string;
  /** Whether it can be deleted nevertheless. */
  readonly isDeletable?: boolean;
}

/** Resources of one kind, and the version of the datastore at which they were read. */
export interface Listed {
  readonly kind: Kind;
  readonly resources: readonly AnyResource[];
  readonly version: string;
}
