import { blockOfFields } from '../../ipam/block/block-json.ts';
import { blockLimit } from '../../ipam/config/ipam-config.ts';
import { parseObject, reasonOf } from '../../shared/calico/stored.ts';
import type { Entry } from '../../shared/datastore/query.ts';
import { blockRef, textOf } from '../../shared/datastore/ref.ts';
import type { Cidr } from '../../shared/net/cidr.ts';
import { doubtfulFindings, keeperOf, openTally, tallyBlock } from './allocations.ts';
import { type Cluster, unreadable } from './cluster.ts';
import type { Finding } from './finding.ts';
import type { Ledger } from './handle-counts.ts';
import { leftBehindFindings } from './left-behind.ts';
import { lostBlocks } from './lost-blocks.ts';
import { type Machines, ofGoneMachines } from './machines.ts';
import { blockless, limitFindings, overlapFindings, ownershipFindings, type Seen } from './ownership.ts';
import { flawsOf } from './shape.ts';
import { usageFindings } from './usage.ts';

/** A check in progress. It takes blocks one after the other and does not keep them. */
export interface Checker {
  block(entry: Entry): void;
  /** After the last block: whether the findings depend on which virtual machines exist. */
  needsMachines(): boolean;
  /** Call it after the last block. */
  finish(machines: Machines): Checked;
}

interface Checked {
  readonly findings: readonly Finding[];
  readonly blocks: number;
  readonly allocated: number;
}

/** Starts a check of blocks against the cluster and the handles. */
export function openChecker(cluster: Cluster, ledger: Ledger): Checker {
  const findings: Finding[] = [];
  const tally = openTally();
  const blocks = new Map<string, 'read' | 'unreadable'>();
  const cidrs: Cidr[] = [];
  return {
    block(entry) {
      const { ref } = entry;
      if (ref.kind !== 'block') return void findings.push(unreadable(entry, 'not a valid block key, skipped'));
      const { cidr } = ref;
      cidrs.push(cidr);
      const read = readBlock(cidr, entry);
      blocks.set(cidr.text, 'finding' in read ? 'unreadable' : 'read');
      if ('finding' in read) {
        ledger.unknown(cidr.text);
        findings.push(read.finding);
        return;
      }
      const { seen, queue } = read;
      findings.push(...inside(cluster, seen, queue), ...ownershipFindings(cluster, seen));
      findings.push(...tallyBlock(cluster, seen, tally, ledger));
    },
    needsMachines: () => tally.withoutPod.length > 0,
    finish(machines) {
      const claims = [...cluster.claims.values()].flat();
      const lost = lostBlocks(cluster, ledger, { known: blocks, cidrs });
      for (const each of lost) {
        findings.push(each.finding);
        // As if it existed again: what does not fit then is a finding of its own.
        for (const number of each.addresses) tally.agreed.add(number);
        for (const [handleID, count] of each.counts) ledger.held(handleID, each.cidr.text, count);
      }
      const rebuilt = new Set(lost.flatMap(({ finding }) => finding.seen.map(({ ref }) => textOf(ref))));
      findings.push(
        ...claims.filter(({ ref, cidr }) => !blocks.has(cidr.text) && !rebuilt.has(textOf(ref))).map(blockless),
      );
      findings.push(...overlapFindings(cidrs), ...limitFindings(claims, blockLimit(0, cluster.config)));
      findings.push(...ofGoneMachines(tally.withoutPod, machines));
      findings.push(...doubtfulFindings(tally, cluster.profiles), ...usageFindings(cluster, tally, blocks));
      findings.push(...leftBehindFindings(cluster));
      findings.push(...ledger.findings((handleID, named) => keeperOf(cluster, handleID, named, blocks)));
      return { findings, blocks: cidrs.length, allocated: tally.allocated };
    },
  };
}

type Read = { readonly seen: Seen; readonly queue: readonly number[] } | { readonly finding: Finding };

function readBlock(cidr: Cidr, entry: Entry): Read {
  const { at, value, version } = entry;
  try {
    const fields = parseObject(at, value);
    const block = blockOfFields(cidr, value, fields, at);
    return { seen: { version, cidr, block }, queue: (fields['unallocated'] ?? []) as readonly number[] };
  } catch (thrown) {
    const why = reasonOf(thrown);
    // The value is in the message, and may be long.
    return { finding: { ...unreadable(entry, why.slice(why.lastIndexOf(': ') + 2)), cidr: cidr.text } };
  }
}

/** Names the block in findings about a single block. */
function inside(cluster: Cluster, seen: Seen, queue: readonly number[]): readonly Finding[] {
  const rest = { now: cluster.now, cooldown: cluster.config.ipCooldownSeconds };
  return flawsOf(seen.block, queue, rest).map(({ kind, text }) => ({
    kind,
    text: `${seen.cidr.text}: ${text}`,
    seen: [{ ref: blockRef(seen.cidr), seen: seen.version }],
    cidr: seen.cidr.text,
  }));
}
