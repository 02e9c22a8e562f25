import type { CniResult } from '../support/calls/call.ts';
import { addressesOf } from '../support/calls/call.ts';
import type { Conf } from '../support/stored/cluster.ts';
import type { Name } from './nodes.ts';

/** none: must hold nothing; up: must hold its addresses; unknown: a call for it was interrupted. */
type State = 'none' | 'up' | 'unknown';

/** A container that comes and goes on one node, as its runtime knows it. */
export interface Slot {
  /** Index of the node. */
  readonly node: number;
  readonly containerID: string;
  readonly netns: string;
  readonly name: Name;
  /** Keys of its configuration: a third of the containers want a member of a group. */
  readonly wish: Conf;
  state: State;
  /** The result of ADD, while it is up. */
  result: CniResult | undefined;
  /** A release of it that once was in the journal. */
  remembered: string | undefined;
  /** A runtime makes no two concurrent calls for one container. */
  busy: boolean;
}

/** What must be held, and the problems found. */
export interface Model {
  readonly slots: readonly Slot[];
  /** The holder of each address in use. */
  readonly held: Map<string, Slot>;
  readonly problems: string[];
  readonly counts: Map<string, number>;
}

export const openModel = (slots: readonly Slot[]): Model => ({
  slots,
  held: new Map(),
  problems: [],
  counts: new Map(),
});

export const count = (model: Model, what: string): void =>
  void model.counts.set(what, (model.counts.get(what) ?? 0) + 1);

/** From here on the container's addresses are unknown, because it is about to change. */
export function release(model: Model, slot: Slot): void {
  for (const [address, holder] of model.held) if (holder === slot) model.held.delete(address);
  slot.state = 'unknown';
  slot.result = undefined;
}

/** The container is up with this result. An address held by another container is a duplicate. */
export function bringUp(model: Model, slot: Slot, result: CniResult): void {
  for (const address of addressesOf(result)) {
    const holder = model.held.get(address);
    if (holder !== undefined && holder !== slot) {
      model.problems.push(`DUPLICATE ${address}: ${holder.containerID} has it, ${slot.containerID} was given it`);
    }
    model.held.set(address, slot);
  }
  slot.state = 'up';
  slot.result = result;
}
