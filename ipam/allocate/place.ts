import type { Block } from '../../shared/calico/model.ts';
import type { Ref } from '../../shared/datastore/ref.ts';
import type { Change } from '../../shared/datastore/view.ts';
import type { Cidr } from '../../shared/net/cidr.ts';

/** Free addresses in one block. */
export interface Place {
  readonly cidr: Cidr;
  /** The block before the addresses are taken. */
  readonly block: Block;
  readonly ordinals: readonly number[];
  /** Name of the pool. */
  readonly pool: string;
  /** What must change together with the block: its affinity, and that of a previous owner. */
  readonly changes: readonly Change[];
  /** What must not change meanwhile: the pool that a block is claimed from. */
  readonly guards: readonly Ref[];
}
