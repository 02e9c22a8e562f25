import { sha1 } from '../bytes/hash.ts';

/*
 * Which containers have an address in which block: ` MARK=CIDR` for each, oldest first, in one text. It is searched as text,
 * since parsing hundreds of entries would take longer than what the hint saves.
 */

/** Longest text; some 500 containers. */
const MOST_LENGTH = 16 << 10;

/** What stands for a handle: short, and the same for every call. */
const markOf = (handleID: string): string => sha1(handleID).slice(0, 12);

/** The CIDRs of the blocks in which a handle has addresses, as far as noted. */
export function blocksOf(containers: string, handleID: string): readonly string[] {
  const found: string[] = [];
  const wanted = ` ${markOf(handleID)}=`;
  for (let at = containers.indexOf(wanted); at !== -1; at = containers.indexOf(wanted, at + 1)) {
    found.push(containers.slice(at + wanted.length, entryEnd(containers, at)));
  }
  return found;
}

/** The text with these blocks for a handle that it does not have. */
export function withBlocks(containers: string, handleID: string, cidrs: readonly string[]): string {
  const mark = cidrs.length === 0 ? '' : ` ${markOf(handleID)}=`;
  const text = containers + cidrs.map((cidr) => mark + cidr).join('');
  return text.length <= MOST_LENGTH ? text : text.slice(entryEnd(text, text.length - MOST_LENGTH));
}

/** The text without a handle. */
export function withoutBlocks(containers: string, handleID: string): string {
  const wanted = ` ${markOf(handleID)}=`;
  let text = containers;
  for (let at = text.indexOf(wanted); at !== -1; at = text.indexOf(wanted)) {
    text = text.slice(0, at) + text.slice(entryEnd(text, at));
  }
  return text;
}

/** Where the entry ends that begins or lies at `at`. */
function entryEnd(text: string, at: number): number {
  const next = text.indexOf(' ', at + 1);
  return next === -1 ? text.length : next;
}
