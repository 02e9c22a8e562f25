/** gRPC over HTTP/2: a unary call is one framed message each way and a status in the trailers. */
import { joinBytes } from '../bytes/join.ts';
import type { HeaderFields } from '../http2/hpack.ts';

/** How a call ended by the server's own word: 0 is success, `message` the server's text. */
export interface GrpcStatus {
  readonly code: number;
  readonly message: string;
}

/** Status codes told apart here (gRPC's "Status codes and their use"). */
export const StatusCode = {
  cancelled: 1,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  aborted: 10,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const;

const PREFIX = 5;

/** One message with its prefix: a byte "not compressed" and the length in four. */
export function frame(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const framed = new Uint8Array(PREFIX + message.length);
  new DataView(framed.buffer).setUint32(1, message.length);
  framed.set(message, PREFIX);
  return framed;
}

/** The one message of a body; throws unless the body is exactly one whole message. */
export function unframe(body: Uint8Array): Uint8Array {
  if (body.length < PREFIX) throw new Error(`the answer has ${body.length} bytes and no message`);
  const [length, message] = [lengthOf(body), body.subarray(PREFIX)];
  if (message.length < length) throw new Error(`the answer ends after ${message.length} of ${length} bytes`);
  if (message.length > length) throw new Error('the answer has more than one message');
  return message;
}

/** As much as one answer may have. */
const MOST_MESSAGE = 64 << 20;

/** Cuts the messages of a streamed answer out of its parts, as they arrive. Throws when it is no such answer. */
export function openMessages(): (part: Uint8Array) => readonly Uint8Array[] {
  let parts: Uint8Array[] = [];
  let held = 0;
  let wanted = PREFIX;
  return (part) => {
    parts.push(part.slice());
    held += part.length;
    const messages: Uint8Array[] = [];
    while (held >= wanted) {
      const bytes = joinBytes(parts);
      const length = lengthOf(bytes);
      if (length > MOST_MESSAGE) throw new Error(`a message of ${length} bytes`);
      wanted = PREFIX + length;
      if (held >= wanted) {
        messages.push(bytes.subarray(PREFIX, wanted));
        held -= wanted;
        parts = [bytes.subarray(wanted)];
        wanted = PREFIX;
      } else {
        parts = [bytes];
        break;
      }
    }
    return messages;
  };
}

/** The length that a message's prefix says. */
function lengthOf(bytes: Uint8Array): number {
  if (bytes[0] !== 0) throw new Error('the answer is compressed, which was not asked for');
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(1);
}

/**
 * The status a stream ended with: in the trailers, or in the headers of an answer without a body.
 * Undefined when neither says: such an answer does not count, however it looks.
 */
export function statusOf(headers: HeaderFields, trailers: HeaderFields | undefined): GrpcStatus | undefined {
  const fields = trailers?.['grpc-status'] === undefined ? headers : trailers;
  const code = fields['grpc-status'];
  if (code === undefined || !/^\d+$/.test(String(code))) return undefined;
  return { code: Number(code), message: percentDecoded(String(fields['grpc-message'] ?? '')) };
}

/** gRPC percent-encodes what is not printable ASCII. */
function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
