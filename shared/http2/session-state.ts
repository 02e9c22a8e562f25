import type { Allowance, openBlock } from './allowance.ts';
import type { Field } from './hpack.ts';
import type { Stream } from './stream.ts';
import type { Transport } from './transport.ts';

/** Numbers of calls, and windows, have 31 bits (RFC 9113, section 5). */
export const MOST = 2 ** 31 - 1;
/** Bytes that the server may send before we acknowledge: enough for usual answers. */
export const WINDOW = 4 << 20;

/** Pings to the server (RFC 9113, section 6.7). */
interface Pulse {
  /** How many calls are followed: answers that may be silent for hours. */
  followed: number;
  /** Until the next ping, or its answer. */
  timer: number | undefined;
  /** Called when the ping under way is answered. */
  answered: (() => void) | undefined;
}

/** The state of one HTTP/2 connection. */
export interface Wire {
  readonly socket: Transport;
  readonly streams: Map<number, Stream>;
  readonly decode: (block: Uint8Array) => readonly Field[];
  readonly onGreeting: () => void;
  readonly allowance: Allowance;
  open: boolean;
  broken: Error | undefined;
  lastStream: number;
  /** How much the server allows us to send, in total and on a new stream. */
  window: number;
  streamWindow: number;
  frameSize: number;
  /** Bytes received since the server's window was last enlarged. */
  taken: number;
  /** What shows that the server is still there, while calls are followed. */
  readonly pulse: Pulse;
  /** A header block that continues in further frames. */
  block: HeaderBlock | undefined;
}

/** A header block that is not complete yet. */
export interface HeaderBlock extends ReturnType<typeof openBlock> {
  readonly stream: number;
  readonly flags: number;
}

/** Ends a call: the memory of its answer no longer counts. */
export function finish(wire: Wire, id: number, how: (stream: Stream) => void): void {
  const stream = wire.streams.get(id);
  if (stream === undefined) return;
  wire.streams.delete(id);
  wire.allowance.answered(stream.held);
  how(stream);
}
