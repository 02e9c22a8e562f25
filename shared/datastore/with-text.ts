import { stringifyJson } from '../calico/json.ts';
import type { Entry } from './query.ts';
import type { WatchedEntry } from './watch.ts';

/** An object with its value as text. */
export function withText(entry: WatchedEntry): Entry {
  if ('value' in entry) return entry;
  const { ref, at, fields, version } = entry;
  return { ref, at, value: stringifyJson(fields), version };
}
