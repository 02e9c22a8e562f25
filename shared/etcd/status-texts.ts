import { type GrpcStatus, StatusCode } from '../grpc/grpc.ts';
import type { StatusMeaning } from '../grpc/status-failure.ts';

interface Text extends StatusMeaning {
  readonly code: number;
  readonly text: string;
}

/**
 * The texts that tell etcd's statuses apart, each with its code. There is no better way: etcd sends no error details, and
 * several of its errors share a code, so its own clients compare the texts as well. The texts have been the same since etcd 3.2
 * (api/v3rpc/rpctypes/error.go); a text that continues after these words is the same error.
 */
const TEXTS: readonly Text[] = [
  { code: StatusCode.unavailable, text: 'etcdserver: no leader', kind: 'no leader' },
  { code: StatusCode.unavailable, text: 'etcdserver: leader changed', kind: 'no leader' },
  { code: StatusCode.failedPrecondition, text: 'etcdserver: not leader', kind: 'no leader' },
  { code: StatusCode.unavailable, text: 'etcdserver: request timed out', kind: 'timed out' },
  { code: StatusCode.resourceExhausted, text: 'etcdserver: too many requests', kind: 'unreachable' },
  {
    code: StatusCode.resourceExhausted,
    text: 'etcdserver: mvcc: database space exceeded',
    kind: 'refused',
    refusal: 'full',
  },
  { code: StatusCode.invalidArgument, text: 'etcdserver: user name is empty', kind: 'refused', refusal: 'no login' },
  {
    code: StatusCode.invalidArgument,
    text: 'etcdserver: authentication failed',
    kind: 'refused',
    refusal: 'wrong login',
  },
  {
    code: StatusCode.invalidArgument,
    text: 'etcdserver: revision of auth store is old',
    kind: 'refused',
    refusal: 'stale token',
  },
  {
    code: StatusCode.unauthenticated,
    text: 'etcdserver: invalid auth token',
    kind: 'refused',
    refusal: 'stale token',
  },
  {
    code: StatusCode.failedPrecondition,
    text: 'etcdserver: authentication is not enabled',
    kind: 'refused',
    refusal: 'no users',
  },
];

/** What the text of a status adds to its code; undefined for texts that are not listed. */
export const meaningOf = ({ code, message }: GrpcStatus): StatusMeaning | undefined =>
  TEXTS.find((one) => one.code === code && message.startsWith(one.text));
