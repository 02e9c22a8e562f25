import { attribute, join, readText, text } from '../../shared/netlink/message.ts';

/** The kind of a comment in what a program may keep with an object. */
const COMMENT = 0;

/** What nft shows as the comment of a table or rule. */
export const commented = (type: number, comment: string): Uint8Array => {
  const value = text(comment);
  return attribute(type, join(Uint8Array.of(COMMENT, value.length), value));
};

/** The comment in what came with a table or rule; '' without one. */
export function commentIn(userData: Uint8Array | undefined): string {
  for (let at = 0; userData !== undefined && at + 2 <= userData.length; at += 2 + (userData[at + 1] ?? 0)) {
    if (userData[at] === COMMENT) return readText(userData.subarray(at + 2, at + 2 + (userData[at + 1] ?? 0)));
  }
  return '';
}
