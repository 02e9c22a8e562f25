import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { HOSTILE } from '../faults/remains.ts';
import { HINT_FATES } from '../support/hint/hint-fates.ts';
import { type Chance, pick } from '../support/inputs/chance.ts';
import { HOSTILE_ENTRIES, JOURNAL } from '../support/journal/hostile-entries.ts';
import { delCutOff, type Field, hostOf } from './calls.ts';
import type { How } from './how.ts';
import { count, type Slot } from './model.ts';

const KINDS = 8;

/** Puts a file that is not an entry into a node's journal, replacing a file of the same name. */
export async function plantHostile(field: Field, node: number, random: Chance): Promise<void> {
  const { make } = pick(random, HOSTILE_ENTRIES);
  const path = `${JOURNAL}/${HOSTILE}${Math.floor(random() * KINDS)}.json`;
  // A concurrent call may just have removed the empty directory.
  const script = `mkdir -m 700 -p ${JOURNAL}; rm -rf "$1"; ${make}`;
  const { exit } = await hostOf(field, node).run('sh', ['-c', script, 'sh', path]);
  if (exit === 0) count(field.model, 'hostile file in the journal');
}

/** Something becomes of the hints on a node, while calls use them. */
export async function spoilHints(field: Field, node: number, random: Chance): Promise<void> {
  const { what, make } = pick(random, HINT_FATES);
  const { exit } = await hostOf(field, node).run('sh', ['-c', make]);
  if (exit === 0) count(field.model, `hints ${what}`);
}

/** A DEL without the datastore whose journal entry is saved, to be put back long after it was drained. */
export async function delAndRemember(field: Field, slot: Slot, how: How): Promise<void> {
  await delCutOff(field, slot, how);
  const folder = hostOf(field, slot.node).file(JOURNAL);
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const name = names.find((each) => each.startsWith(`${slot.containerID}-`) && each.endsWith('.json'));
  if (name === undefined) return;
  try {
    slot.remembered = readFileSync(`${folder}/${name}`, 'utf8');
  } catch {
    // Another container's call has just drained it.
  }
}

/** Puts back an entry of this container, which may have been started again since. It must not be carried out twice. */
export async function plantStale(field: Field, slot: Slot): Promise<void> {
  const host = hostOf(field, slot.node);
  if (slot.remembered === undefined) return;
  const { exit } = await host.run('mkdir', ['-m', '700', '-p', JOURNAL]);
  try {
    writeFileSync(host.file(`${JOURNAL}/${slot.containerID}-stale.json`), slot.remembered, { mode: 0o600 });
    if (exit === 0) count(field.model, 'stale release in the journal');
  } catch {
    // A concurrent call has just removed the empty directory.
  }
}
