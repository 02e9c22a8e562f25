import { readGoTimestamp } from '../../shared/calico/go-time.ts';
import type { AllocationAttribute, Block } from '../../shared/calico/model.ts';
import { get, POOLS, type Query } from '../../shared/datastore/query.ts';
import { blockRef, handleRef, IPAM_CONFIG } from '../../shared/datastore/ref.ts';
import type { Change, Outcome, Plan, View } from '../../shared/datastore/view.ts';
import { type Cidr, nthAddress } from '../../shared/net/cidr.ts';
import { ask, blockAt, type Cooling } from '../block/ask.ts';
import { attributeAt, type OwnerChange, ordinalsOf, release, withOwners } from '../block/block.ts';
import { encodeBlock } from '../block/block-json.ts';
import { readHandle, type StoredHandle, writeHandle } from '../block/handle.ts';
import { readConfig } from '../config/ipam-config.ts';
import type { LeftMachine } from '../config/virtual-machine.ts';
import { giveBack } from './give-back.ts';

/** Which pod leaves which machine. */
export interface MachineRelease {
  readonly machine: LeftMachine;
  readonly namespace: string;
  readonly pod: string;
  /** Nanoseconds since 1970. */
  readonly now: bigint;
  /** When a journalled release was due: a pod that was added later stays. */
  readonly before?: bigint | undefined;
}

export interface MachineReleased {
  /** Addresses without prefix length. */
  readonly released: readonly string[];
  /** Blocks that the handle names although it holds no address at all, when no pod can need them any more. */
  readonly empty: readonly Cidr[];
}

/** What a machine has in one block. */
interface Holding {
  readonly cidr: Cidr;
  readonly block: Block;
  readonly ordinals: readonly number[];
}

/** What is read first. */
const reads = ({ handleID }: LeftMachine): readonly Query[] => [get(IPAM_CONFIG), POOLS, get(handleRef(handleID))];

/**
 * Decides how a pod leaves its virtual machine: it is no longer an owner of the machine's addresses. They stay the machine's, until
 * that ends and its last pod has left. Nothing to release is success.
 */
export function* releaseMachine(request: MachineRelease): Plan<Outcome<MachineReleased>> {
  const { machine, now } = request;
  const view = yield reads(machine);
  const handle = readHandle(view, machine.handleID);
  yield* ask(view, handle.blocks.map(blockRef));
  const cooling: Cooling = { now, cooldown: readConfig(view).ipCooldownSeconds };
  const holdings = handle.blocks.flatMap((cidr) => holdingIn(view, machine.handleID, cidr, cooling));
  if (holdings.length === 0) {
    return { changes: [], answer: { released: [], empty: machine.isEnding ? handle.blocks : [] } };
  }
  const left = holdings.map((holding) => ({ ...holding, block: withoutPod(holding, request) }));
  const isOwnedByOther = left.some(({ block, ordinals }) => ordinals.some((ordinal) => isOwned(block, ordinal)));
  if (machine.isEnding && !isOwnedByOther) return yield* releaseAll(view, handle, holdings, cooling);
  const changed = left.filter(({ block }, at) => block !== holdings[at]?.block);
  const changes = changed.map(({ cidr, block }) => ({ ref: blockRef(cidr), next: encodeBlock(block) }));
  return { changes, answer: { released: [], empty: [] } };
}

function* releaseAll(
  view: View,
  handle: StoredHandle,
  holdings: readonly Holding[],
  cooling: Cooling,
): Plan<Outcome<MachineReleased>> {
  const changes: Change[] = [writeHandle(handle, new Map())];
  for (const { cidr, block, ordinals } of holdings) {
    changes.push(...(yield* giveBack(view, cidr, release(block, ordinals, { ...cooling, stamp: false }))));
  }
  const released = holdings.flatMap(({ cidr, ordinals }) => ordinals.map((ordinal) => nthAddress(cidr, ordinal)));
  return { changes, answer: { released, empty: [] } };
}

function holdingIn(view: View, handleID: string, cidr: Cidr, cooling: Cooling): readonly Holding[] {
  const block = blockAt(view, cidr, cooling);
  const ordinals = block === undefined ? [] : ordinalsOf(block, handleID);
  return block === undefined || ordinals.length === 0 ? [] : [{ cidr, block, ordinals }];
}

/** The block without this pod as an owner; the same object when it is none. */
const withoutPod = ({ block, ordinals }: Holding, request: MachineRelease): Block =>
  withOwners(block, ordinals, ({ secondary, alternateOwnerAttrs }): OwnerChange => {
    const [isFirst, isSecond] = [isPod(secondary, request), isPod(alternateOwnerAttrs, request)];
    return {
      ...(isFirst ? { secondary: undefined } : {}),
      ...(isSecond ? { alternateOwnerAttrs: undefined } : {}),
    };
  });

function isPod(owner: AllocationAttribute['secondary'], { namespace, pod, before }: MachineRelease): boolean {
  if (owner?.['namespace'] !== namespace || owner['pod'] !== pod) return false;
  const added = readGoTimestamp(owner['timestamp'] ?? '');
  return before === undefined || added === undefined || added < before;
}

function isOwned(block: Block, ordinal: number): boolean {
  const { secondary = {}, alternateOwnerAttrs = {} } = attributeAt(block, ordinal) ?? {};
  return Object.keys(secondary).length > 0 || Object.keys(alternateOwnerAttrs).length > 0;
}
