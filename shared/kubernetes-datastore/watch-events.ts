import { joinBytes } from '../bytes/join.ts';
import type { LeaveOut } from '../bytes/json.ts';
import { fromUtf8 } from '../bytes/text.ts';
import { asObject } from '../calico/stored.ts';
import { metadataText } from './metadata.ts';
import { objectIn } from './reading.ts';
import type { ApiObject } from './resource-access.ts';

/** A line of a watch's answer. */
export type WatchEvent =
  | {
      readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
      readonly object: ApiObject;
      readonly version: string;
    }
  /** The server ends the watch: with a Status object. */
  | { readonly type: 'ERROR'; readonly code: number; readonly message: string };

const NEWLINE = 10;
/** The largest object that an API server stores has 1.5 MB (etcd's limit). */
const LONGEST_LINE = 16 << 20;

/** Cuts the lines of an answer out of its parts, as they arrive. Throws when a line is too long. */
export function openLines(): (part: Uint8Array) => readonly string[] {
  let parts: Uint8Array[] = [];
  let held = 0;
  return (part) => {
    const lines: string[] = [];
    let from = 0;
    for (let end = part.indexOf(NEWLINE); end !== -1; end = part.indexOf(NEWLINE, from)) {
      lines.push(fromUtf8(joinBytes([...parts, part.subarray(from, end)])));
      parts = [];
      held = 0;
      from = end + 1;
    }
    held += part.length - from;
    if (held > LONGEST_LINE) throw new Error('a line of a watch is too long');
    if (from < part.length) parts.push(part.slice(from));
    return lines;
  };
}

/** Reads a line without what is left out of its object; undefined when it is none. */
export function readEvent(line: string, leaveOut: LeaveOut): WatchEvent | undefined {
  const { type, object: given } = objectIn(line, { object: leaveOut }) ?? {};
  const object = asObject(given);
  if (object === undefined) return undefined;
  if (type === 'ERROR') return { type, code: Number(object['code'] ?? 0), message: String(object['message'] ?? '') };
  if (type !== 'ADDED' && type !== 'MODIFIED' && type !== 'DELETED' && type !== 'BOOKMARK') return undefined;
  return { type, object, version: metadataText(object, 'resourceVersion') };
}
