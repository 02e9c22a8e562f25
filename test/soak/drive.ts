import { setTimeout as sleep } from 'node:timers/promises';
import { type Chance, pick } from '../support/inputs/chance.ts';
import { add, check, collect, collectOther, del, type Field } from './calls.ts';
import { drawHow, type How } from './how.ts';
import { allSlots, type Slot } from './model.ts';
import { delAndRemember, plantHostile, plantStale, spoilHints } from './planting.ts';

/** How often a runtime runs GC instead of calling for one container. */
const COLLECTS = 0.02;
/** How often another network's runtime runs GC, whatever this one is doing. */
const OTHER_COLLECTS = 0.05;
/** How often a file is put into a journal or hints are spoilt, and how often a DEL finds no datastore. */
const PLANTS = 0.05;
const CUT_OFF = 0.15;

/** What keeps the workers apart. */
export interface Traffic {
  /** Workers pause, e.g. for an audit. */
  halted: boolean;
  over: boolean;
  /** How often the datastore has been restarted. */
  restarts: number;
  /** Nodes on which a GC is running or about to run. */
  readonly collecting: Set<number>;
}

/** One worker of a runtime: random calls until the traffic is over. */
export async function drive(field: Field, traffic: Traffic, random: Chance): Promise<void> {
  while (!traffic.over) {
    const free = traffic.halted
      ? []
      : field.model.slots.filter((slot) => !slot.busy && !traffic.collecting.has(slot.node));
    if (free.length === 0) {
      await sleep(5);
      continue;
    }
    const slot = pick(random, free);
    const how = drawHow(random, field.nodes);
    if (random() < COLLECTS) await collectAlone(field, traffic, slot.node, how);
    else if (random() < OTHER_COLLECTS) await alone(slot, () => collectOther(field, slot.node, how));
    else await alone(slot, () => workOn(field, slot, random, how));
  }
}

async function alone(slot: Slot, work: () => Promise<void>): Promise<void> {
  slot.busy = true;
  try {
    await work();
  } finally {
    slot.busy = false;
  }
}

function workOn(field: Field, slot: Slot, random: Chance, how: How): Promise<void> {
  if (random() < PLANTS) return spoilHints(field, slot.node, random);
  if (random() >= PLANTS) return callFor(field, slot, random, how);
  return random() < 0.5 ? plantHostile(field, slot.node, random) : plantStale(field, slot);
}

/** A container that is down is mostly added, one that is up mostly checked or deleted. */
function callFor(field: Field, slot: Slot, random: Chance, how: How): Promise<void> {
  const lot = random();
  const remove = random() < CUT_OFF ? delAndRemember : del;
  if (slot.state !== 'up') return (lot < 0.8 ? add : remove)(field, slot, how);
  if (lot < 0.3) return check(field, slot, how);
  return (lot < 0.45 ? add : remove)(field, slot, how);
}

/** The runtime makes no other call on a node during its GC (CNI 1.1.0, section 2). */
async function collectAlone(field: Field, traffic: Traffic, node: number, how: How): Promise<void> {
  traffic.collecting.add(node);
  try {
    while (busyOn(field, node)) await sleep(5);
    await collect(field, node, how);
  } finally {
    traffic.collecting.delete(node);
  }
}

const busyOn = ({ model }: Field, node: number): boolean =>
  allSlots(model).some((slot) => slot.node === node && slot.busy);
