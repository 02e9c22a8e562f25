import { decodeBlock } from '../../ipam/block/block-json.ts';
import type { Block } from '../../shared/calico/model.ts';
import type { Entry } from '../../shared/datastore/query.ts';
import type { Cidr } from '../../shared/net/cidr.ts';
import type { Context } from '../command-line/context.ts';

/** Blocks read at once. */
const PAGE = 250;

/** Passes every block to `take`, IPv4 first. Skips unreadable ones with a line on standard error. */
export async function eachBlock(
  context: Pick<Context, 'openScan' | 'progress' | 'err'>,
  take: (cidr: Cidr, block: Block) => void,
): Promise<void> {
  const scan = context.openScan();
  let count = 0;
  try {
    for await (const page of scan.pages({ all: 'block', strays: true }, PAGE)) {
      count += page.length;
      context.progress(`Reading blocks … ${count}`);
      for (const entry of page) {
        const read = readBlock(entry);
        if (read === undefined) context.err(`Cannot read ${entry.at}: run calicoctl ipam check for the reason\n`);
        else take(read.cidr, read.block);
      }
    }
  } finally {
    context.progress('');
    scan.close();
  }
}

function readBlock({ ref, at, value }: Entry): { readonly cidr: Cidr; readonly block: Block } | undefined {
  try {
    return ref.kind === 'block' ? { cidr: ref.cidr, block: decodeBlock(ref.cidr, value, at) } : undefined;
  } catch {
    return undefined;
  }
}
