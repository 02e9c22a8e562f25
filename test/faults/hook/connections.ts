import { Flag, type Frame, FrameType, openFrames, PREFACE } from '../../../shared/http2/frames.ts';
import { isDown, next, pass, whenDown } from './boundary.ts';

/**
 * Connections of the fault build: every HTTP/2 request has a boundary before it is sent and another after its complete
 * answer, detected in the frames that pass.
 */
interface Socket {
  write(bytes: Uint8Array): number;
  terminate(): void;
}

type Handlers = Readonly<Record<string, (socket: Socket, detail?: unknown) => void>>;

interface Runtime {
  connect(options: { hostname: string; port: number; socket: Handlers }): Promise<Socket>;
}

const { Bun: runtime } = globalThis as unknown as { readonly Bun: Runtime };
/** No server listens here. */
const CLOSED_PORT = 1;

const connect = runtime.connect.bind(runtime);
runtime.connect = (options) =>
  connect({ ...options, port: isDown() ? CLOSED_PORT : options.port, socket: watched(options.socket) });

/** Pending requests on one connection, by stream. */
type Requests = Map<number, number>;

const nameOf = (number: number) => `request ${number}`;

function watched(handlers: Handlers): Handlers {
  const requests: Requests = new Map();
  const cut = openFrames();
  let deaf = false;
  return {
    ...handlers,
    open: (socket) => {
      whenDown(() => socket.terminate());
      handlers['open']?.(writing(socket, requests));
    },
    data: (socket, chunk) => {
      const answered = deaf ? [] : answeredBy(cut(chunk as Uint8Array), requests);
      const lost = answered.map((number) => pass({ kind: 'etcd', number, phase: 'after', name: nameOf(number) }));
      deaf ||= lost.includes('lost');
      if (deaf) socket.terminate();
      else handlers['data']?.(socket, chunk);
    },
  };
}

/** The numbers of the requests whose last frame is among these. */
function answeredBy(frames: readonly Frame[], requests: Requests): readonly number[] {
  const last = frames.filter(({ type, flags }) => type <= FrameType.headers && (flags & Flag.endStream) !== 0);
  return last.flatMap(({ stream }) => requests.get(stream) ?? []);
}

/** The socket with watched writes. Once etcd is down, writes are dropped. */
function writing(socket: Socket, requests: Requests): Socket {
  const cut = openFrames();
  let greeted = false;
  const write = (bytes: Uint8Array): number => {
    const frames = cut(greeted ? bytes : bytes.subarray(PREFACE.length));
    greeted = true;
    for (const { stream } of frames.filter(({ type }) => type === FrameType.headers)) {
      const number = next('etcd');
      requests.set(stream, number);
      pass({ kind: 'etcd', number, phase: 'before', name: nameOf(number) });
    }
    return isDown() ? bytes.length : socket.write(bytes);
  };
  return new Proxy(socket, {
    get: (target, key) => {
      if (key === 'write') return write;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
