import { type DatastoreUnavailable, unavailable } from '../datastore/unavailable.ts';
import { Failure } from '../error/failure.ts';
import type { NoAnswer, Reply } from '../kubernetes/failure.ts';
import { missingRule } from '../kubernetes/missing-rule.ts';
import { isKindMissing, statusOf } from './api-status.ts';
import type { Asked } from './resource-access.ts';

const UNAUTHORIZED = 401;
const FORBIDDEN = 403;
const BUSY = 429;

/** `update ipamblocks.crd.projectcalico.org "10-0-0-64-26"` */
export function wordsOf({ verb, group, resource, namespace, name }: Asked): string {
  const what = group === '' ? resource : `${resource}.${group}`;
  const which = name === '' ? '' : ` ${JSON.stringify(name)}`;
  return `${verb} ${what}${which}${namespace === undefined ? '' : ` in the namespace ${JSON.stringify(namespace)}`}`;
}

/** The error when the server did not answer. The outcome of a write that it may have received is unknown. */
export function silence(asked: Asked, server: string, ended: NoAnswer): DatastoreUnavailable {
  const isInDoubt = ended.sent && isWrite(asked);
  const reason = isInDoubt ? 'outcome unknown' : ended.timedOut ? 'timed out' : 'unreachable';
  const what = ended.timedOut ? 'does not answer' : 'cannot be reached';
  return unavailable(
    reason,
    `the Kubernetes API server ${what}`,
    `${server}: ${wordsOf(asked)}: ${ended.where}`,
    ended,
  );
}

export const isWrite = ({ verb }: Asked): boolean => verb !== 'get' && verb !== 'list' && verb !== 'watch';

/** The error for a refused request, temporary or permanent. The outcome of a write that failed inside the server is unknown. */
export function refusal(asked: Asked, server: string, reply: Reply): Failure | DatastoreUnavailable {
  const { status, message } = statusOf(reply);
  const said = message || WORDS[status] || `the server responded with the status code ${status}`;
  const where = `${server}: ${wordsOf(asked)} (${status}): ${said}`;
  const refuses = (what: string, remedy?: string) =>
    new Failure('datastore refuses', what, { where, ...(remedy === undefined ? {} : { remedy }) });
  if (status === FORBIDDEN) return refuses(`connection is unauthorized: ${said}`, missingRule(asked));
  if (status === UNAUTHORIZED) return refuses(`connection is unauthorized: ${said}`, CREDENTIALS);
  if (status === BUSY) return unavailable('timed out', 'the Kubernetes API server is busy', where);
  if (status >= 500) return broken(asked, where, said);
  return isKindMissing(reply) ? refuses(missingText(asked), MISSING_KIND) : refuses(said);
}

/** The error for an answer that cannot be read. The outcome of a write is unknown. */
export const invalidAnswer = (
  asked: Asked,
  server: string,
  what = 'the answer is not a JSON object',
): DatastoreUnavailable =>
  unavailable(
    isWrite(asked) ? 'outcome unknown' : 'unreachable',
    'the Kubernetes API server sent an invalid answer',
    `${server}: ${wordsOf(asked)}: ${what}`,
  );

function broken(asked: Asked, where: string, said: string): DatastoreUnavailable {
  if (isWrite(asked)) return unavailable('outcome unknown', 'the Kubernetes API server failed during a write', where);
  const reason = /no leader|leader changed/.test(said) ? 'no leader' : 'unreachable';
  return unavailable(reason, 'the Kubernetes API server failed', where);
}

const WORDS: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  403: 'the server does not allow access to the requested resource',
  404: 'the server could not find the requested resource',
  429: 'the server has received too many requests and has asked us to try again later',
};

/** client-go's text for a 404. */
export const missingText = ({ verb, group, resource, name }: Asked): string =>
  `the server could not find the requested resource (${verb} ${resource}.${group}${name === '' ? '' : ` ${name}`})`;

/** What to do when the server does not have Calico's kinds. */
export const MISSING_KIND =
  "install Calico's custom resource definitions, or set calico_api_group to the API group that they are installed in: crd.projectcalico.org/v1 or projectcalico.org/v3";

const CREDENTIALS =
  'renew the credentials in the kubeconfig (kubernetes.kubeconfig in the network configuration, or KUBECONFIG): they were refused even after reading them again';
