import type { JournalEntry } from '../../ipam/journal/journal-entry.ts';
import { many, share } from '../text/numbers.ts';
import { columns, grid } from '../text/table.ts';
import type { NodeAddresses, NodeBlock } from './node-blocks.ts';

/** The output about a node: its blocks, their share of each pool, and releases that wait for the datastore. */
export function nodeText(node: string, addresses: NodeAddresses, journal: readonly JournalEntry[]): string {
  const { blocks, limit, strict, known } = addresses;
  const missing = known
    ? ''
    : `There is no Node resource ${node}: every ADD here fails. Create it with calicoctl init.\n`;
  const borrow = strict ? 'without borrowing' : 'then borrows addresses';
  const table = blocks.length === 0 ? '' : grid(HEAD, blocks.map(row));
  return [
    missing,
    `${node} has ${many(blocks.length, 'block')} of at most ${limit} per family, ${borrow}.\n`,
    table,
    poolText(blocks),
    journalText(journal),
  ].join('');
}

const HEAD = ['BLOCK', 'POOL', 'CLAIM', 'IPS TOTAL', 'IPS IN USE', 'IPS FREE'];

function row({ cidr, pool, state, total, used }: NodeBlock): readonly string[] {
  const parts = total === 0 ? ['-', '-', '-'] : [String(total), share(used, total), share(total - used, total)];
  return [cidr, pool ?? '<none>', state, ...parts];
}

function poolText(blocks: readonly NodeBlock[]): string {
  const pools = [...new Set(blocks.map(({ pool }) => pool ?? '<none>'))];
  return pools
    .map((name) => {
      const own = blocks.filter(({ pool }) => (pool ?? '<none>') === name);
      const sum = (what: 'used' | 'total') => own.reduce((total, block) => total + block[what], 0);
      return `Pool ${name}: ${many(own.length, 'block')}, ${sum('used')} of ${many(sum('total'), 'address')} in use\n`;
    })
    .join('');
}

function journalText(journal: readonly JournalEntry[]): string {
  if (journal.length === 0) return 'No pending releases.\n';
  const rows = journal.map(({ containerID, network, node, store }) => [
    containerID,
    network,
    node,
    store.cluster ?? 'unknown',
  ]);
  return [
    `${many(journal.length, 'release')} pending, completed by the next plugin call that uses their datastore:\n`,
    columns([['CONTAINER', 'NETWORK', 'NODE', 'CLUSTER'], ...rows]),
  ].join('');
}
