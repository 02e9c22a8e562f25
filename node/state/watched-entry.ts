import type { LeaveOut } from '../../shared/bytes/json.ts';
import { readJson } from '../../shared/bytes/json.ts';
import { asObject, readerIn, readerOfValue } from '../../shared/calico/stored.ts';
import type { Reader } from '../../shared/cni/reader.ts';
import type { WatchedEntry } from '../../shared/datastore/watch.ts';

/** The fields of an object, without what is left out; undefined when its value is no JSON object. */
export function fieldsOf(entry: WatchedEntry, leaveOut?: LeaveOut): Readonly<Record<string, unknown>> | undefined {
  if ('fields' in entry) return entry.fields;
  try {
    return asObject(readJson(entry.value, leaveOut));
  } catch {
    return undefined;
  }
}

/** A reader of an object, as `readerIn` gives it. */
export const readerOf = (what: string, entry: WatchedEntry, kind: string): Reader =>
  'fields' in entry ? readerOfValue(what, entry.at, entry.fields, kind) : readerIn(what, entry.at, entry.value, kind);
