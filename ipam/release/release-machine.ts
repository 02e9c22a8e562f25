import { readGoTimestamp } from '../../shared/calico/go-time.ts';
import type { AllocationAttribute, Block } from '../../shared/calico/model.ts';
import { get, POOLS, type Query } from '../../shared/datastore/query.ts';
import { blockRef, handleRef, IPAM_CONFIG } from '../../shared/datastore/ref.ts';
import type { Change, Outcome, Plan, View } from '../../shared/datastore/view.ts';
import { type Cidr, nthAddress } from '../../shared/net/cidr.ts';
import { ask, blockAt, type Cooling } from '../block/ask.ts';
import { attributeAt, ordinalsOf, release, withOwner } from '../block/block.ts';
import { encodeBlock } from '../block/block-json.ts';
import { readHandle, writeHandle } from '../block/handle.ts';
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

interface Holding {
  readonly cidr: Cidr;
  readonly block: Block;
  readonly ordinals: readonly number[];
}

/** What is read first. */
const reads = ({ handleID }: LeftMachine): readonly Query[] => [get(IPAM_CONFIG), POOLS, get(handleRef(handleID))];

/**
 * Decides how a pod leaves its virtual machine: it is an owner of the machine's addresses no more. They stay the machine's, until it
 * is deleted and its last pod has left. Nothing to release is success. Returns the released addresses.
 */
export function* releaseMachine(request: MachineRelease): Plan<Outcome<readonly string[]>> {
  const { machine, now } = request;
  const view = yield reads(machine);
  const handle = readHandle(view, machine.handleID);
  yield* ask(view, handle.blocks.map(blockRef));
  const cooling: Cooling = { now, cooldown: readConfig(view).ipCooldownSeconds };
  const holdings = handle.blocks.flatMap((cidr) => holdingIn(view, machine.handleID, cidr, cooling));
  const left = holdings.map((holding) => ({ ...holding, block: withoutPod(holding, request) }));
  const isFree =
    machine.isEnding && left.every((holding) => holding.ordinals.every((at) => !isOwned(holding.block, at)));
  if (!isFree) {
    const changed = left.filter(({ block }, at) => block !== holdings[at]?.block);
    return {
      changes: changed.map(({ cidr, block }) => ({ ref: blockRef(cidr), next: encodeBlock(block) })),
      answer: [],
    };
  }
  const changes: Change[] = handle.stored ? [writeHandle(handle, new Map())] : [];
  for (const { cidr, block, ordinals } of holdings) {
    changes.push(...(yield* giveBack(view, cidr, release(block, ordinals, { ...cooling, stamp: false }))));
  }
  const answer = holdings.flatMap(({ cidr, ordinals }) => ordinals.map((ordinal) => nthAddress(cidr, ordinal)));
  return { changes, answer };
}

function holdingIn(view: View, handleID: string, cidr: Cidr, cooling: Cooling): readonly Holding[] {
  const block = blockAt(view, cidr, cooling);
  const ordinals = block === undefined ? [] : ordinalsOf(block, handleID);
  return block === undefined || ordinals.length === 0 ? [] : [{ cidr, block, ordinals }];
}

/** The block without this pod as an owner; the same object when it is none. */
function withoutPod({ block, ordinals }: Holding, request: MachineRelease): Block {
  let after = block;
  for (const owner of ['secondary', 'alternateOwnerAttrs'] as const) {
    const its = ordinals.filter((ordinal) => isPod(attributeAt(block, ordinal)?.[owner], request));
    if (its.length > 0) after = withOwner(after, its, { [owner]: undefined });
  }
  return after;
}

function isPod(owner: AllocationAttribute['secondary'], { namespace, pod, before }: MachineRelease): boolean {
  if (owner?.['namespace'] !== namespace || owner['pod'] !== pod) return false;
  const added = readGoTimestamp(owner['timestamp'] ?? '');
  return before === undefined || added === undefined || added < before;
}

function isOwned(block: Block, ordinal: number): boolean {
  const { secondary = {}, alternateOwnerAttrs = {} } = attributeAt(block, ordinal) ?? {};
  return Object.keys(secondary).length > 0 || Object.keys(alternateOwnerAttrs).length > 0;
}
