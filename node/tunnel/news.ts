import { type Received, readCount } from '../../shared/netlink/message.ts';
import { type Indices, PROTOCOL } from './entries.ts';

/** Types of messages (linux/rtnetlink.h). */
const Type = { newLink: 16, deleteLink: 17, deleteRoute: 25 } as const;
const INDEX = 4;
const CREATOR = 5;

/**
 * Whether routes may be missing because of what the kernel tells: one of ours has been removed, or an interface that they lead over
 * has changed. With an interface that goes down, its routes go without a word.
 */
export const concernsTunnels = ({ type, body }: Received, indices: readonly Indices[]): boolean =>
  type === Type.deleteRoute ? body[CREATOR] === PROTOCOL : isLink(type) && indices.some((each) => has(each, body));

const isLink = (type: number): boolean => type === Type.newLink || type === Type.deleteLink;

const has = ({ vxlan, ipip, parent }: Indices, body: Uint8Array): boolean => {
  const index = readCount(body, INDEX);
  return index === vxlan || index === ipip || index === parent;
};
