import { decodeBlock } from '../../ipam/block/block-json.ts';
import { blocksPrefix, parseBlockKey } from '../../shared/calico/keys.ts';
import type { Block } from '../../shared/calico/model.ts';
import { openScan, type Scan } from '../../shared/etcd/scan.ts';
import type { Family } from '../../shared/net/address.ts';
import type { Cidr } from '../../shared/net/cidr.ts';
import type { Context } from '../context.ts';

/** Blocks read at once. */
const PAGE = 250;

/** Hands every block to `take`, in key order, IPv4 first; what cannot be read is told on standard error and passed over. */
export async function eachBlock(context: Context, take: (cidr: Cidr, block: Block) => void): Promise<void> {
  const scan = openScan(context.etcd, context.world, context.log);
  try {
    for (const family of [4, 6] as const) await eachOf(context, scan, family, take);
  } finally {
    context.progress('');
    scan.close();
  }
}

async function eachOf(
  context: Context,
  scan: Scan,
  family: Family,
  take: (cidr: Cidr, block: Block) => void,
): Promise<void> {
  let count = 0;
  for await (const page of scan.pages(blocksPrefix(family), PAGE)) {
    count += page.length;
    context.progress(`Reading blocks (IPv${family}) … ${count}`);
    for (const { key, value } of page) {
      const read = readBlock(key, value);
      if (read === undefined) context.err(`Cannot read ${key}: calicoctl ipam check tells why\n`);
      else take(read.cidr, read.block);
    }
  }
}

function readBlock(key: string, value: string): { readonly cidr: Cidr; readonly block: Block } | undefined {
  const cidr = parseBlockKey(key);
  try {
    return cidr === undefined ? undefined : { cidr, block: decodeBlock(cidr, value) };
  } catch {
    return undefined;
  }
}
