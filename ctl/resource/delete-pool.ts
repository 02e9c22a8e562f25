import { AFFINITY_PREFIXES, parseAffinityKey } from '../../shared/calico/keys.ts';
import { transact } from '../../shared/datastore/transaction.ts';
import { openScan } from '../../shared/etcd/scan.ts';
import { type Cidr, containsCidr, parseCidr } from '../../shared/net/cidr.ts';
import { sleep } from '../../shared/system/pause.ts';
import type { Context } from '../context.ts';
import type { Asked } from './asked.ts';
import { releaseClaim } from './release-claim.ts';
import { disable, remove } from './remove.ts';

/** So that allocations under way come to their end before their blocks are given up. */
const SETTLE_MS = 500;

/**
 * Deletes a pool in the original's order: out of use, a pause, every claim on its blocks given up, then the pool itself.
 * Addresses stay with their pods. Broken off, it can be repeated.
 */
export async function deletePool(context: Context, { kind, named, version }: Asked): Promise<void> {
  const pool = await transact(context, [], () => disable(kind, named, version));
  await sleep(SETTLE_MS);
  const cidr = parseCidr(String(pool.spec?.['cidr']));
  if (cidr !== undefined) await releaseClaims(context, (claimed) => containsCidr(cidr, claimed));
  await transact(context, [], () => remove(kind, named));
}

/** Gives up every claim on the chosen blocks; `node`: only this node's. */
export async function releaseClaims(
  context: Context,
  chosen: (cidr: Cidr) => boolean,
  prefixes = AFFINITY_PREFIXES,
): Promise<void> {
  const scan = openScan(context.etcd, context.world, context.log);
  let done = 0;
  try {
    for (const prefix of prefixes) {
      for await (const page of scan.pages(prefix, 500)) {
        for (const { key } of page) {
          const claim = parseAffinityKey(key);
          if (claim === undefined || !chosen(claim.cidr)) continue;
          await transact(context, [], () => releaseClaim(key, claim));
          context.progress(`${++done} blocks given up`);
        }
      }
    }
  } finally {
    context.progress('');
    scan.close();
  }
}
