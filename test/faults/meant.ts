import type { Case } from './cases.ts';
import type { DatastoreName } from './clusters/cluster.ts';
import { STATUSES } from './hook/boundary.ts';

/** Whether a case may show something that others do not. */
export function isMeant(datastore: DatastoreName, one: Case): boolean {
  const { scenario, boundary, fault, aftermath } = one;
  const { verb, isUnread = false, aftermaths } = scenario;
  // It may run at any point of an ADD. What it may break does not depend on what follows.
  const isFirst = aftermath === aftermaths[0];
  if (fault === 'beside') return verb === 'ADD' && !isUnread && isFirst && (datastore === 'etcd' || !isRead(one));
  if (datastore === 'etcd') return !isStatus(one);
  // Many more requests: only what a write may have changed needs each of the follow-ups.
  const isEnough = aftermath === aftermaths[boundary.number % aftermaths.length];
  if (isRead(one)) return isEnough && (isStatus(one) || (fault === 'down') === (boundary.phase === 'before'));
  return isEnough || (boundary.kind === 'request' && !isStatus(one));
}

const isStatus = ({ fault }: Case): boolean => STATUSES.some((status) => status === fault);

/** A read changes nothing on an API server: it is the same whether the call ends before or after it. */
const isRead = ({ boundary }: Case): boolean => / GET /.test(boundary.name);
