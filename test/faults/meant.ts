import type { Case } from './cases.ts';
import type { DatastoreName } from './clusters/cluster.ts';
import { STATUSES } from './place.ts';

/** Whether a case may show something that others do not. */
export function isMeant(datastore: DatastoreName, one: Case): boolean {
  const { scenario, boundary, fault, aftermath } = one;
  const { verb, isUnread = false, aftermaths } = scenario;
  // It may run at any point of an ADD. What it may break does not depend on what follows.
  const isFirst = aftermath === aftermaths[0];
  if (fault === 'beside') return verb === 'ADD' && !isUnread && isFirst && (datastore === 'etcd' || !isRead(one));
  if (datastore === 'etcd') return !isStatus(one);
  // There are many more requests than with etcd, so each of the follow-ups is tried only where a write may have been made.
  const isEnough = aftermath === aftermaths[boundary.number % aftermaths.length];
  if (isRead(one)) return isEnough && isMeantForRead(one);
  const isWritten = boundary.kind === 'request' && (fault === 'kill' || boundary.phase === 'after');
  return isEnough || isWritten;
}

/**
 * A read changes nothing, so that it is the same whether the call ends before or after it. An API server answers none with
 * 409.
 */
function isMeantForRead(one: Case): boolean {
  const { scenario, boundary, fault } = one;
  if (isStatus(one)) return fault !== '409' && scenario.hasRequestsOfItsOwn !== false;
  return (fault === 'down') === (boundary.phase === 'before');
}

const isStatus = ({ fault }: Case): boolean => STATUSES.some((status) => status === fault);
const isRead = ({ boundary }: Case): boolean => / GET /.test(boundary.name);
