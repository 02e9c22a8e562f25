import { violations } from '../../support/invariants/invariants.ts';
import type { Dump } from '../../support/invariants/ipam-dump.ts';
import { publishedViolations, restViolations } from '../../support/invariants/without-transactions.ts';
import type { Cluster } from './cluster.ts';

/** Where a commit is not one transaction, an affinity may stay pending, with or without its block. */
const LOOSE = [10, 11];
/** How handles and blocks agree. */
const COUNTS = [14, 15, 16];

/** What is wrong with stored data when no call is running, a line each. `released`: no container should hold anything. */
export function wrong({ datastore }: Pick<Cluster, 'datastore'>, dump: Dump, released = false): readonly string[] {
  if (datastore === 'etcd') return violations(dump, { released });
  return [
    ...violations(dump, { released, except: LOOSE }),
    ...restViolations(dump),
    ...publishedViolations(dump, 'net1'),
  ];
}

/** What is wrong at once after a kill, before any other call has repaired it: handles may then lag or lead as well. */
export function wrongAtOnce({ datastore }: Pick<Cluster, 'datastore'>, dump: Dump): readonly string[] {
  if (datastore === 'etcd') return violations(dump);
  return [
    ...violations(dump, { except: [...LOOSE, ...COUNTS] }),
    ...restViolations(dump),
    ...publishedViolations(dump, 'net1'),
  ];
}
