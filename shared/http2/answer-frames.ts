/** Frames that belong to an answer. */
import { openBlock } from './allowance.ts';
import { contentOf, encodeFrame, Flag, type Frame, FrameType, word } from './frames.ts';
import { finish, type HeaderBlock, WINDOW, type Wire } from './session-state.ts';
import type { Stream } from './stream.ts';

/** Receives a part of an answer's body. Throws when the limits are exceeded. */
export function deliver(wire: Wire, frame: Frame): void {
  const { stream: id, flags, payload } = frame;
  const stream = wire.streams.get(id);
  const part = contentOf(frame);
  const isLast = (flags & Flag.endStream) !== 0;
  if (stream === undefined || (part.length === 0 && !isLast)) wire.allowance.otherFrame();
  else if (stream.isFollowed()) passOn(wire, stream, part);
  else stream.data(part, wire.allowance.part(payload.length));
  giveRoom(wire, isLast ? undefined : stream, payload.length);
  if (isLast) finish(wire, id, (one) => one.end());
}

/** What is passed on takes no memory, and is what this connection is for. */
function passOn(wire: Wire, stream: Stream, part: Uint8Array): void {
  wire.allowance.answered(0);
  stream.data(part, 0);
}

/** Answers are consumed at once, so the server may send more; it is notified each time half a window has been used. */
function giveRoom(wire: Wire, stream: Stream | undefined, bytes: number): void {
  for (const [id, one] of [
    [0, wire],
    [stream?.id ?? 0, stream],
  ] as const) {
    if (one === undefined) continue;
    one.taken += bytes;
    if (one.taken < WINDOW / 2) continue;
    wire.socket.write(encodeFrame(FrameType.windowUpdate, 0, id, word(one.taken)));
    one.taken = 0;
  }
}

/** Receives the headers or trailers of an answer, or their beginning. Throws when the limits are exceeded. */
export function gather(wire: Wire, frame: Frame): void {
  const block = { ...openBlock(), stream: frame.stream, flags: frame.flags };
  block.add(contentOf(frame));
  if (frame.flags & Flag.endHeaders) headers(wire, block);
  else wire.block = block;
}

/** Receives more of a header block. Throws as `gather`. */
export function resume(wire: Wire, { flags, stream, payload }: Frame): void {
  const block = wire.block;
  if (block?.stream !== stream) throw new Error('a header block continues that never began');
  block.add(payload);
  if (!(flags & Flag.endHeaders)) return;
  wire.block = undefined;
  headers(wire, block);
}

/** Decodes every block, even for a call that was cancelled: the decoder's state depends on each. */
function headers(wire: Wire, { stream: id, flags, whole }: HeaderBlock): void {
  const fields = wire.decode(whole());
  if (!wire.streams.get(id)?.fields(fields)) wire.allowance.otherFrame();
  if (flags & Flag.endStream) finish(wire, id, (one) => one.end());
}
