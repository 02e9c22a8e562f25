import { attribute, attributes, join, type NetlinkRequest, type Received, readInt, u32 } from './message.ts';

/** Message type and attributes of a network namespace's numbers for other namespaces (linux/net_namespace.h). */
const GET = 90;
const Attr = { number: 1, fd: 3 };
const HEADER = 4;

/** Requests our namespace's number for the namespace that is open as `fd`. */
export const getNetnsNumber = (fd: number): NetlinkRequest => ({
  type: GET,
  flags: 0,
  body: join(new Uint8Array(HEADER), attribute(Attr.fd, u32(fd))),
});

/** The number in a message; -1 for a namespace without one. */
export const readNetnsNumber = ({ body }: Received): number => readInt(attributes(body, HEADER).get(Attr.number)) ?? -1;
