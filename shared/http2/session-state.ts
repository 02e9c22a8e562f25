import type { Allowance, openBlock } from './allowance.ts';
import type { Field } from './hpack.ts';
import type { Stream } from './stream.ts';
import type { Transport } from './transport.ts';

/** Numbers of calls, and windows, have 31 bits (RFC 9113, section 5). */
export const MOST = 2 ** 31 - 1;
/** Bytes that the server may send ahead of what we have taken: usual answers need no more room. */
export const WINDOW = 4 << 20;

/** What is known of one HTTP/2 connection. */
export interface Wire {
  readonly socket: Transport;
  readonly streams: Map<number, Stream>;
  readonly decode: (block: Uint8Array) => readonly Field[];
  readonly onGreeting: () => void;
  readonly allowance: Allowance;
  open: boolean;
  broken: Error | undefined;
  lastStream: number;
  /** What the server lets us send, in all and on a new stream. */
  window: number;
  streamWindow: number;
  frameSize: number;
  /** Bytes taken since the server was last given room. */
  taken: number;
  /** A header block that goes on in further frames. */
  block: Block | undefined;
}

/** A header block that is not yet whole. */
export interface Block extends ReturnType<typeof openBlock> {
  readonly stream: number;
  readonly flags: number;
}

/** A call is over: what is held of its answer is no longer the connection's. */
export function finish(wire: Wire, id: number, how: (stream: Stream) => void): void {
  const stream = wire.streams.get(id);
  if (stream === undefined) return;
  wire.streams.delete(id);
  wire.allowance.answered(stream.held);
  how(stream);
}
