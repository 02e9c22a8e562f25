import { Flag, type Frame, FrameType, openFrames, PREFACE } from '../../../shared/http2/frames.ts';
import { platform as native } from '../../../shared/platform/native.ts';
import type { Network, NetworkConnection } from '../../../shared/platform/network.ts';
import { isDown, next, pass, whenDown } from './boundary.ts';

/** No server listens here. */
const CLOSED_PORT = 1;

/** Pending requests on one connection, by stream. */
type Requests = Map<number, number>;

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
      const faults = answered.map((number) => pass({ kind: 'etcd', number, phase: 'after', name: nameOf(number) }));
      if (faults.includes('lost')) over();
      else if (!deaf) events.data(bytes);
    },
    end: (error) => {
      if (!deaf) events.end(error);
    },
  });
  return writing(connection, requests);
};

/** The requests whose last frame is among these. */
function answeredBy(frames: readonly Frame[], requests: Requests): readonly Request[] {
  const last = frames.filter(({ type, flags }) => type <= FrameType.headers && (flags & Flag.endStream) !== 0);
  return last.flatMap(({ stream }) => requests.get(stream) ?? []);
}

/** The connection with watched writes. Once etcd is down, writes are dropped. */
function writing(connection: NetworkConnection, requests: Requests): NetworkConnection {
  const cut = openFrames();
  const unsent = new Set<number>();
  let greeted = false;
  return {
    destroy: () => connection.destroy(),
    unref: () => connection.unref(),
    write(bytes) {
      const frames = cut(greeted ? bytes : bytes.subarray(PREFACE.length));
      greeted = true;
      for (const { stream } of frames.filter(({ type }) => type === FrameType.headers)) {
        const number = next('etcd');
        requests.set(stream, number);
        pass({ kind: 'etcd', number, phase: 'before', name: nameOf(number) });
      }
      if (!isDown()) connection.write(bytes);
    },
  };
}
