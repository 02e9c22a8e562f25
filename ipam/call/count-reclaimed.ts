import { noteReclaimed } from '../../shared/call-counts/call-file.ts';
import { POOLS } from '../../shared/datastore/query.ts';
import { transact } from '../../shared/datastore/transaction.ts';
import type { Outcome, Plan } from '../../shared/datastore/view.ts';
import { parseAddress } from '../../shared/net/address.ts';
import { poolOf, readPools } from '../config/pools.ts';
import type { Session } from './session.ts';

/** Counts addresses that a GC has released on this node, by their pools. Nothing that goes wrong here concerns the GC. */
export async function countReclaimed(
  session: Pick<Session, 'conf' | 'store' | 'world' | 'log' | 'deadline'>,
  addresses: readonly string[],
): Promise<void> {
  if (!session.conf.metrics || addresses.length === 0) return;
  const counts = new Map<string, number>();
  for (const pool of await poolsOf(session, addresses)) counts.set(pool, (counts.get(pool) ?? 0) + 1);
  for (const [pool, count] of counts) noteReclaimed({ pool, count });
}

/** The name of each address's pool, '-' for none. */
async function poolsOf(session: Parameters<typeof countReclaimed>[0], addresses: readonly string[]) {
  try {
    return await transact(session, function* (): Plan<Outcome<readonly string[]>> {
      const pools = readPools(yield [POOLS]);
      const nameOf = (text: string) => {
        const address = parseAddress(text);
        return (address && poolOf(pools, address)?.name) ?? '-';
      };
      return { changes: [], answer: addresses.map(nameOf) };
    });
  } catch {
    return addresses.map(() => '-');
  }
}
