import type { CniResult } from '../support/calls/call.ts';
import { addressesOf } from '../support/calls/call.ts';
import type { Conf } from '../support/stored/cluster.ts';
import type { Name } from './nodes.ts';
import type { Vm } from './vm.ts';

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

/** A container or a virtual machine, by the end of its handle. */
export interface Holder {
  readonly containerID: string;
}

/** What must be held, and the problems found. */
export interface Model {
  readonly slots: readonly Slot[];
  readonly vms: readonly Vm[];
  /** The holder of each address in use. */
  readonly held: Map<string, Holder>;
  readonly problems: string[];
  readonly counts: Map<string, number>;
}

export const openModel = (slots: readonly Slot[], vms: readonly Vm[]): Model => ({
  slots,
  vms,
  held: new Map(),
  problems: [],
  counts: new Map(),
});

/** All containers, those of machines too. */
export const allSlots = ({ slots, vms }: Model): readonly Slot[] => [...slots, ...vms.flatMap(({ pods }) => pods)];

export const count = (model: Model, what: string): void =>
  void model.counts.set(what, (model.counts.get(what) ?? 0) + 1);

/** From here on the container's addresses are unknown, because it is about to change. */
export function release(model: Model, slot: Slot): void {
  giveUp(model, slot);
  slot.state = 'unknown';
  slot.result = undefined;
}

export function giveUp(model: Model, holder: Holder): void {
  for (const [address, other] of model.held) if (other === holder) model.held.delete(address);
}

/** The container is up with this result. */
export function bringUp(model: Model, slot: Slot, result: CniResult): void {
  hold(model, slot, addressesOf(result));
  slot.state = 'up';
  slot.result = result;
}

/** An address held by another is a duplicate. */
export function hold(model: Model, by: Holder, addresses: readonly string[]): void {
  for (const address of addresses) {
    const holder = model.held.get(address);
    if (holder !== undefined && holder !== by) {
      model.problems.push(`DUPLICATE ${address}: ${holder.containerID} has it, ${by.containerID} was given it`);
    }
    model.held.set(address, by);
  }
}
