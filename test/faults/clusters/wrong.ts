import { violations } from '../../support/invariants.ts';
import type { Dump } from '../../support/ipam-dump.ts';
import { publishedViolations, restViolations } from '../../support/kubernetes-invariants.ts';
import type { Cluster } from './cluster.ts';

/** Where a commit is not one transaction, an affinity may stay pending, with or without its block. */
const LOOSE = [10, 11];

/** What is wrong with stored data when no call is running, a line each. `released`: no container should hold anything. */
export function wrong({ datastore }: Pick<Cluster, 'datastore'>, dump: Dump, released = false): readonly string[] {
  if (datastore === 'etcd') return violations(dump, { released });
  return [...violations(dump, { released, except: LOOSE }), ...wrongAtOnce({ datastore }, dump)];
}

/** What is wrong at once after a kill, before any other call has repaired it. */
export const wrongAtOnce = ({ datastore }: Pick<Cluster, 'datastore'>, dump: Dump): readonly string[] =>
  datastore === 'etcd' ? violations(dump) : [...restViolations(dump), ...publishedViolations(dump, 'net1')];
