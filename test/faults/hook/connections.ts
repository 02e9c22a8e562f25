import { Flag, type Frame, FrameType, openFrames, PREFACE } from '../../../shared/http2/frames.ts';
import { platform as native } from '../../../shared/platform/native.ts';
import type { Network, NetworkConnection } from '../../../shared/platform/network.ts';
import { STATUSES } from '../place.ts';
import { isDown, pass, whenDown } from './boundary.ts';
import { requestOf, statusAnswer } from './requests.ts';

/** No server listens here. */
const CLOSED_PORT = 1;

/** A request on a connection: its number, and its name as a boundary. */
interface Request {
  readonly number: number;
  readonly name: string;
}

/** Pending requests on one connection, by stream. */
type Requests = Map<number, Request>;

/**
 * Connections of the fault build: every HTTP/2 request has a boundary before it is sent and another after its complete
 * answer, detected in the frames that pass.
 */
export const connect: Network['connect'] = (to, tls, events) => {
  const target = 'unix' in to || !isDown() ? to : { ...to, port: CLOSED_PORT };
  const requests: Requests = new Map();
  const cut = openFrames();
  let deaf = false;
  const over = () => {
    if (!deaf) events.end();
    deaf = true;
    connection.destroy();
  };
  const connection = native.connect(target, tls, {
    open: (info) => {
      whenDown(over);
      events.open(info);
    },
    data: (bytes) => {
      const answered = deaf ? [] : answeredBy(cut(bytes), requests);
      const faults = answered.map((request) => pass({ kind: 'request', ...request, phase: 'after' }));
      if (faults.includes('lost')) over();
      else if (!deaf) events.data(bytes);
    },
    end: (error) => {
      if (!deaf) events.end(error);
    },
  });
  return writing(connection, requests, (bytes) => deaf || events.data(bytes));
};

/** The requests whose last frame is among these. */
function answeredBy(frames: readonly Frame[], requests: Requests): readonly Request[] {
  const last = frames.filter(({ type, flags }) => type <= FrameType.headers && (flags & Flag.endStream) !== 0);
  return last.flatMap(({ stream }) => requests.get(stream) ?? []);
}

/**
 * The connection with watched writes. Once the datastore is down, writes are dropped, as is a request that `answer` gets a
 * status for. The product writes the beginning of each request at once.
 */
function writing(
  connection: NetworkConnection,
  requests: Requests,
  answer: (bytes: Uint8Array) => void,
): NetworkConnection {
  const cut = openFrames();
  const unsent = new Set<number>();
  let greeted = false;
  return {
    finish: () => connection.finish(),
    destroy: () => connection.destroy(),
    unref: () => connection.unref(),
    write(bytes) {
      const frames = cut(greeted ? bytes : bytes.subarray(PREFACE.length));
      greeted = true;
      for (const { stream, payload } of frames.filter(({ type }) => type === FrameType.headers)) {
        const request = requestOf(payload);
        requests.set(stream, request);
        const fault = pass({ kind: 'request', ...request, phase: 'before' });
        const status = STATUSES.find((one) => one === fault);
        if (status === undefined) continue;
        unsent.add(stream);
        native.immediate(() => answer(statusAnswer(stream, status)));
      }
      const isUnsent = frames.length > 0 && frames.every(({ stream }) => unsent.has(stream));
      if (!isDown() && !isUnsent) connection.write(bytes);
    },
  };
}
