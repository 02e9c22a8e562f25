import { joinBytes } from '../../../shared/bytes/join.ts';
import { utf8 } from '../../../shared/bytes/text.ts';
import { encodeFrame, Flag, FrameType } from '../../../shared/http2/frames.ts';
import { encodeFields, openDecoder } from '../../../shared/http2/hpack.ts';
import type { Status } from '../place.ts';
import { next } from './boundary.ts';

/** The next request's number, and its name as a boundary: its method and what it is about. */
export function requestOf(headers: Uint8Array): { readonly number: number; readonly name: string } {
  const fields = new Map(openDecoder()(headers));
  const number = next('request');
  return { number, name: `request ${number}: ${wordsOf(fields.get(':method') ?? '', fields.get(':path') ?? '')}` };
}

/** `GET ipamblocks` of an API server, `Txn` of etcd; without names, which differ between calls. */
function wordsOf(method: string, url: string): string {
  const [path = ''] = url.split('?');
  const [, resource, sub = ''] =
    /^\/api(?:s\/[^/]+)?\/[^/]+\/(?:namespaces\/[^/]+\/(?=.))?([^/]+)(?:\/[^/]+(\/[^/]+)?)?$/.exec(path) ?? [];
  return resource === undefined ? path.slice(path.lastIndexOf('/') + 1) : `${method} ${resource}${sub}`;
}

const REASONS: Readonly<Record<Status, string>> = {
  409: 'Conflict',
  429: 'TooManyRequests',
  500: 'InternalError',
};

/** An answer as an API server gives it. */
export function statusAnswer(stream: number, status: Status): Uint8Array {
  const body = { kind: 'Status', apiVersion: 'v1', status: 'Failure', message: 'a fault', reason: REASONS[status] };
  const fields = [
    [':status', status],
    ['content-type', 'application/json'],
    ['retry-after', '1'],
  ] as const;
  return joinBytes([
    encodeFrame(FrameType.headers, Flag.endHeaders, stream, encodeFields(fields.slice(0, status === '429' ? 3 : 2))),
    encodeFrame(FrameType.data, Flag.endStream, stream, utf8(JSON.stringify({ ...body, code: Number(status) }))),
  ]);
}
