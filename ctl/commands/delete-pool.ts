import type { Scan } from '../../shared/datastore/datastore.ts';
import type { AffinityRef } from '../../shared/datastore/ref.ts';
import { transact } from '../../shared/datastore/transaction.ts';
import { type Cidr, containsCidr, parseCidr } from '../../shared/net/cidr.ts';
import { sleep } from '../../shared/system/pause.ts';
import { disable, remove } from '../change/remove.ts';
import type { Context } from '../command-line/context.ts';
import { releaseClaim } from './release-claim.ts';
import type { Selection } from './selection.ts';

/** So that running allocations finish before their blocks are released. */
const SETTLE_MS = 500;

/**
 * Deletes a pool in the original's order: disables it, waits, releases every affinity of its blocks, then deletes the pool. Pods
 * keep their addresses. It can be repeated after an interruption.
 */
export async function deletePool(context: Context, { kind, named, version }: Selection): Promise<void> {
  const pool = await transact(context, () => disable(kind, named, version));
  await sleep(SETTLE_MS);
  const cidr = parseCidr(String(pool.spec?.['cidr']));
  if (cidr !== undefined) await releaseClaimsIn(context, cidr);
  await transact(context, () => remove(kind, named));
}

async function releaseClaimsIn(context: Context, pool: Cidr): Promise<void> {
  const scan = context.openScan();
  try {
    await releaseClaims(context, claimsIn(scan, pool));
  } finally {
    scan.close();
  }
}

async function* claimsIn(scan: Scan, pool: Cidr): AsyncGenerator<readonly AffinityRef[]> {
  for await (const page of scan.pages({ all: 'affinity' }, 500)) {
    yield page.flatMap(({ ref }) => (ref.kind === 'affinity' && containsCidr(pool, ref.cidr) ? [ref] : []));
  }
}

/** Releases these affinities, page by page. */
export async function releaseClaims(
  context: Context,
  pages: AsyncIterable<readonly AffinityRef[]> | Iterable<readonly AffinityRef[]>,
): Promise<void> {
  let done = 0;
  try {
    for await (const claims of pages) {
      for (const claim of claims) {
        await transact(context, () => releaseClaim(claim));
        context.progress(`${++done} blocks released`);
      }
    }
  } finally {
    context.progress('');
  }
}
