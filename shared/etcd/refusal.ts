/** What a caller sees of tries that failed. */
import { CniError, ErrorCode, failure } from '../error/error.ts';
import { StatusCode } from '../grpc/grpc.ts';
import type { EtcdConfig } from './config.ts';
import { StoreUnavailable, type TryFailed, type Unavailability } from './errors.ts';

/** etcd, or TLS, says no and would say it again. */
export function refusal(failed: TryFailed, config: EtcdConfig): CniError {
  const { status, message, endpoint } = failed;
  const details = `${endpoint}: ${message}`;
  const user = config.user?.name;
  if (status === undefined) return failure(`cannot connect to etcd at ${endpoint}`, message);
  if (/authentication failed/.test(message)) return failure(`etcd refuses the user "${user}" or its password`, details);
  if (/user name is empty/.test(message)) {
    return failure(
      'etcd wants a user and a password',
      `${details}; set ETCD_USERNAME and ETCD_PASSWORD in the environment`,
    );
  }
  if (status.code === StatusCode.permissionDenied) {
    const who = user === undefined ? 'this client' : `the user "${user}"`;
    return failure(`etcd does not let ${who} read or write Calico's keys`, details);
  }
  if (/space exceeded/.test(message)) {
    const cure = 'compact and defragment etcd, then disarm its alarm (etcdctl alarm disarm)';
    return new CniError(ErrorCode.tryAgainLater, 'etcd is full', `${details}; ${cure}`);
  }
  return failure('etcd refuses the request', details);
}

/** No endpoint was of use: error 11 naming each with its last reason, or the refusal when all of them refuse. */
export function unavailable(tries: readonly TryFailed[], config: EtcdConfig): CniError {
  const last = lastWords(tries);
  const [first] = last;
  if (first && last.every((failed) => failed.kind === 'refused')) {
    if (last.length === 1) return refusal(first, config);
    return failure('cannot connect to etcd', reasons(last));
  }
  const names = last.map((failed) => failed.endpoint).join(', ');
  const kind = worst(last);
  return new StoreUnavailable(kind, `${SAID[kind]}: ${names}`, reasons(last));
}

/** The last reason of each endpoint, but for a silence that says less than what was there before: the last try may have had no time left. */
function lastWords(tries: readonly TryFailed[]): readonly TryFailed[] {
  const words = new Map<string, TryFailed>();
  for (const failed of tries) {
    const before = words.get(failed.endpoint);
    const saysLess = failed.kind === 'timed out' && (!failed.sent || before?.status !== undefined);
    if (before === undefined || !saysLess) words.set(failed.endpoint, failed);
  }
  return [...words.values()];
}

const reasons = (tries: readonly TryFailed[]) =>
  tries.map(({ endpoint, message }) => `${endpoint}: ${message}`).join('; ');

const SAID = {
  'no leader': 'etcd has no leader',
  'timed out': 'etcd does not answer',
  'too large': 'etcd answers with more than can be meant',
  unreachable: 'etcd cannot be reached',
} as const;

function worst(tries: readonly TryFailed[]): Exclude<Unavailability, 'outcome unknown'> {
  const kinds = tries.map((failed) => failed.kind);
  if (kinds.includes('no leader')) return 'no leader';
  if (kinds.includes('timed out')) return 'timed out';
  return kinds.includes('too large') ? 'too large' : 'unreachable';
}
