import { type Entry, type ListQuery, listOrder, selects } from '../datastore/query.ts';
import { UNLABELLED } from './affinity-object.ts';
import type { ApiGroup } from './api-group.ts';
import { listRequest } from './object-requests.ts';
import { keep, parse, type Reading, readAll, readList } from './reading.ts';

/** Whether this host has given its affinities the labels that lists need, which old releases did not write. */
export interface Labelling {
  isDone(): boolean;
  /** Called when no affinity of this node is left without labels. */
  done(): void;
}

interface LabelReading extends Reading {
  readonly group: ApiGroup;
  readonly labelling: Labelling;
}

/** A node's affinities. Those of old releases, which lists by label do not show, are searched until all have labels. */
export async function readAffinities(
  reading: LabelReading,
  query: ListQuery,
  deadline: number,
): Promise<readonly Entry[]> {
  const { labelling } = reading;
  if (labelling.isDone()) return readList(reading, query, deadline);
  const [labelled, others] = await Promise.all([
    readList(reading, query, deadline),
    unlabelled(reading, query, deadline),
  ]);
  const now = await Promise.all(others.map((entry) => label(reading, entry, deadline)));
  if (now.every(({ isLabelled }) => isLabelled)) labelling.done();
  return [...labelled, ...now.map(({ entry }) => entry)].sort((one, other) => listOrder(one.ref, other.ref));
}

async function unlabelled(reading: LabelReading, query: ListQuery, deadline: number): Promise<readonly Entry[]> {
  const request = listRequest({ group: reading.group, plural: 'blockaffinities' }, { labelSelector: UNLABELLED });
  const objects = await readAll(reading, request, deadline);
  return keep(reading, reading.access('affinity'), objects).filter(({ ref }) => selects(query, ref));
}

/** Writes an affinity with its labels and otherwise unchanged. One that another program changes meanwhile is left to the next call. */
async function label(
  reading: LabelReading,
  entry: Entry,
  deadline: number,
): Promise<{ readonly entry: Entry; readonly isLabelled: boolean }> {
  const { ref, value: next, version: seen } = entry;
  const access = reading.access(ref.kind);
  for (const request of access.write({ ref, next, seen }, reading.held.get(ref)?.object)) {
    const reply = await reading.requests.send(request, deadline);
    if (reply.status !== 200) return { entry, isLabelled: false };
    const object = parse(reading, request, reply);
    const written = access.decode(object);
    if (written === undefined) return { entry, isLabelled: false };
    reading.held.set(ref, { object, entry: written });
    return { entry: written, isLabelled: true };
  }
  return { entry, isLabelled: false };
}
