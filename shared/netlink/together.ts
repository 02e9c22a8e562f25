import { platform } from '#platform';
import { Errno } from './errno.ts';
import { encode, join, type NetlinkRequest, type Received, readCount, u32 } from './message.ts';
import { type Channel, ERROR, KernelRefused, receive, refusing, throwUnlessDone } from './socket.ts';

/** The kernel takes no longer message than this, unless a socket is told otherwise. */
const USUAL_LENGTH = 64 << 10;
const SOL_SOCKET = 1;
const SEND_BUFFER = 32;
const SEQUENCE_IN_ERROR = 12;

/** Sends requests in one message; some of them ask the kernel to confirm. Throws KernelRefused for the first that is refused. */
export function sendTogether(channel: Channel, requests: readonly NetlinkRequest[]): void {
  const { fd } = channel;
  const bytes = join(...requests.map((request, at) => encode(request, at)));
  if (bytes.length > USUAL_LENGTH) platform.setsockopt(fd, SOL_SOCKET, SEND_BUFFER, u32(bytes.length * 2));
  refusing('netlink: send', () => platform.send(fd, bytes, 0));
  const answers = receiveRest(channel).filter(({ type }) => type === ERROR);
  for (const answer of answers) throwUnlessDone(answer, readCount(answer.body, SEQUENCE_IN_ERROR));
  // Nothing would be confirmed if the kernel had lacked memory for its answers.
  if (answers.length === 0) throw new KernelRefused(Errno.noBuffers, 'netlink: no answer');
}

/** All messages that are there. */
export function receiveRest(channel: Channel): readonly Received[] {
  const received: Received[] = [];
  for (;;) {
    try {
      received.push(...receive(channel));
    } catch (error) {
      if (error instanceof KernelRefused && error.errno === Errno.again) return received;
      throw error;
    }
  }
}
