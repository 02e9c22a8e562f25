import { type Status, StatusCode } from '../grpc/grpc.ts';
import type { Refusal, TryFailed } from './try-failed.ts';

/** What a status stands for. */
interface Told {
  readonly kind: TryFailed['kind'];
  readonly refusal?: Refusal;
}

interface Text extends Told {
  readonly code: number;
  readonly text: string;
}

/**
 * The texts that etcd's statuses are told apart by, each with the code it comes with. There is nothing better: etcd sends no
 * error details, and several of its errors share a code, so its own clients compare the texts as well. They have been the same
 * since etcd 3.2 (api/v3rpc/rpctypes/error.go); a text that goes on after these words is the same error.
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

/** What the codes stand for that say it alone. */
const CODES: Readonly<Record<number, Told>> = {
  [StatusCode.deadlineExceeded]: { kind: 'timed out' },
  [StatusCode.permissionDenied]: { kind: 'refused', refusal: 'not allowed' },
  [StatusCode.cancelled]: { kind: 'unreachable' },
  [StatusCode.unknown]: { kind: 'unreachable' },
  [StatusCode.aborted]: { kind: 'unreachable' },
  [StatusCode.internal]: { kind: 'unreachable' },
  [StatusCode.unavailable]: { kind: 'unreachable' },
};

/** What a status other than success stands for. */
export const toldBy = ({ code, message }: Status): Told =>
  TEXTS.find((one) => one.code === code && message.startsWith(one.text)) ?? CODES[code] ?? { kind: 'refused' };

/** Whether a call that ends with this code may have been carried out; every other refusal comes before anything is written. */
export const mayBeDone = (code: number): boolean => (CODES[code]?.kind ?? 'refused') !== 'refused';
