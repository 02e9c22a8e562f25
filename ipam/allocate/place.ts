import type { Block } from '../../shared/calico/model.ts';
import type { Write } from '../../shared/datastore/view.ts';
import type { Cidr } from '../../shared/net/cidr.ts';

/** Where addresses can be had, in one block. */
export interface Place {
  readonly cidr: Cidr;
  /** The block before they are taken. */
  readonly block: Block;
  readonly ordinals: readonly number[];
  /** Name of the pool. */
  readonly pool: string;
  /** What must be written with the block: its affinity, another owner's. */
  readonly writes: readonly Write[];
  /** Keys that must not change meanwhile: the pool a block is claimed from. */
  readonly guards: readonly string[];
}
