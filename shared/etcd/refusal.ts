/** The errors that a caller sees after failed tries. */
import { type DatastoreUnavailable, type Unavailability, unavailable } from '../datastore/unavailable.ts';
import { Failure } from '../error/failure.ts';
import type { TryFailed } from '../grpc/try-failed.ts';

/** The user that was logged in, if any. */
interface Asking {
  readonly user: { readonly name: string } | undefined;
}

/** etcd, or TLS, refuses and would refuse again. */
export function refusal(failed: TryFailed, config: Asking): Failure {
  const { answered, message, endpoint } = failed;
  if (!answered) return new Failure('datastore refuses', `cannot connect to etcd at ${endpoint}`, { where: message });
  const where = `${endpoint}: ${message}`;
  const user = config.user?.name;
  const refuses = (what: string, remedy = '') => new Failure('datastore refuses', what, { where, remedy });
  switch (failed.refusal) {
    case 'wrong login':
      return refuses(`etcd refuses the user "${user}" or its password`);
    case 'no login':
      return refuses('etcd requires authentication', 'set ETCD_USERNAME and ETCD_PASSWORD in the environment');
    case 'not allowed':
      return refuses(
        `etcd does not let ${user === undefined ? 'this client' : `the user "${user}"`} read or write Calico's keys`,
      );
    case 'full':
      return new Failure('datastore full', 'etcd is full', {
        where,
        remedy: 'compact and defragment etcd, then disarm its alarm (etcdctl alarm disarm)',
      });
    default:
      return refuses('etcd refuses the request');
  }
}

/** No endpoint could be used: 'datastore unavailable' naming each with its last reason, or the refusal when all of them refuse. */
export function unreachable(tries: readonly TryFailed[], config: Asking): Failure | DatastoreUnavailable {
  const last = lastWords(tries);
  const [first] = last;
  if (first && last.every((failed) => failed.kind === 'refused')) {
    if (last.length === 1) return refusal(first, config);
    return new Failure('datastore refuses', 'cannot connect to etcd', { where: reasons(last) });
  }
  const names = last.map((failed) => failed.endpoint).join(', ');
  const kind = worst(last);
  return unavailable(kind, `${SAID[kind]}: ${names}`, reasons(last));
}

/** The last reason of each endpoint, except a timeout that says less than an earlier reason: the last try may have had no time left. */
function lastWords(tries: readonly TryFailed[]): readonly TryFailed[] {
  const words = new Map<string, TryFailed>();
  for (const failed of tries) {
    const before = words.get(failed.endpoint);
    const saysLess = failed.kind === 'timed out' && (!failed.sent || before?.answered === true);
    if (before === undefined || !saysLess) words.set(failed.endpoint, failed);
  }
  return [...words.values()];
}

const reasons = (tries: readonly TryFailed[]) =>
  tries.map(({ endpoint, message }) => `${endpoint}: ${message}`).join('; ');

const SAID = {
  'no leader': 'etcd has no leader',
  'timed out': 'etcd does not answer',
  'too large': 'the answer of etcd is too large',
  unreachable: 'etcd cannot be reached',
} as const;

function worst(tries: readonly TryFailed[]): Exclude<Unavailability, 'outcome unknown'> {
  const kinds = tries.map((failed) => failed.kind);
  if (kinds.includes('no leader')) return 'no leader';
  if (kinds.includes('timed out')) return 'timed out';
  return kinds.includes('too large') ? 'too large' : 'unreachable';
}
