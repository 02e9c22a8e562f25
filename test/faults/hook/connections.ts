import { Flag, type Frame, FrameType, openFrames, PREFACE } from '../../../shared/http2/frames.ts';
import { isDown, pass, STATUSES, whenDown } from './boundary.ts';
import { requestOf, statusAnswer } from './requests.ts';

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

/** A request on a connection: its number, and its name as a boundary. */
interface Request {
  readonly number: number;
  readonly name: string;
}

/** Pending requests on one connection, by stream. */
type Requests = Map<number, Request>;

function watched(handlers: Handlers): Handlers {
  const requests: Requests = new Map();
  const cut = openFrames();
  let deaf = false;
  return {
    ...handlers,
    open: (socket) => {
      whenDown(() => socket.terminate());
      handlers['open']?.(writing(socket, requests, (bytes) => handlers['data']?.(socket, bytes)));
    },
    data: (socket, chunk) => {
      const answered = deaf ? [] : answeredBy(cut(chunk as Uint8Array), requests);
      const lost = answered.map((request) => pass({ kind: 'request', ...request, phase: 'after' }));
      deaf ||= lost.includes('lost');
      if (deaf) socket.terminate();
      else handlers['data']?.(socket, chunk);
    },
  };
}

/** The requests whose last frame is among these. */
function answeredBy(frames: readonly Frame[], requests: Requests): readonly Request[] {
  const last = frames.filter(({ type, flags }) => type <= FrameType.headers && (flags & Flag.endStream) !== 0);
  return last.flatMap(({ stream }) => requests.get(stream) ?? []);
}

/**
 * The socket with watched writes. Once the datastore is down, writes are dropped, as is a request that `answer` gets a
 * status for. The product writes the beginning of each request at once.
 */
function writing(socket: Socket, requests: Requests, answer: (bytes: Uint8Array) => void): Socket {
  const cut = openFrames();
  const unsent = new Set<number>();
  let greeted = false;
  const write = (bytes: Uint8Array): number => {
    const frames = cut(greeted ? bytes : bytes.subarray(PREFACE.length));
    greeted = true;
    for (const { stream, payload } of frames.filter(({ type }) => type === FrameType.headers)) {
      const request = requestOf(payload);
      requests.set(stream, request);
      const fault = pass({ kind: 'request', ...request, phase: 'before' });
      const status = STATUSES.find((one) => one === fault);
      if (status === undefined) continue;
      unsent.add(stream);
      setImmediate(() => answer(statusAnswer(stream, status)));
    }
    const isUnsent = frames.length > 0 && frames.every(({ stream }) => unsent.has(stream));
    return isDown() || isUnsent ? bytes.length : socket.write(bytes);
  };
  return new Proxy(socket, {
    get: (target, key) => {
      if (key === 'write') return write;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
