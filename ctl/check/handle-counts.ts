import { stringifyJson } from '../../shared/calico/json.ts';
import { asObject, objectOrNothing } from '../../shared/calico/stored.ts';
import type { Entry, Version } from '../../shared/datastore/query.ts';
import { handleRef, type Ref } from '../../shared/datastore/ref.ts';
import type { Finding, FindingKind } from './finding.ts';

/** Compares handles with blocks: what each handle says it has, and what the blocks have for it. Entries that agree are dropped at once. */
export interface Ledger {
  /** A handle as stored. */
  handle(entry: Entry): void;
  /** How many addresses a block holds for a handle. */
  held(handleID: string, cidr: string, count: number): void;
  /** A block that cannot be read: its handles are not judged. */
  unknown(cidr: string): void;
  /** How many handles there are. */
  size(): number;
  /** Handles that name a block which does not exist, by the block's CIDR. */
  missing(isThere: (cidr: string) => boolean): ReadonlyMap<string, readonly NamingHandle[]>;
  /** `keeper` says why a handle must stay although no block has anything for it. It gets the blocks that the handle names. */
  findings(keeper: (handleID: string, blocks: readonly string[]) => Keeper | undefined): readonly Finding[];
}

/** Why a handle is kept: an endpoint of its container, or an owner that never has one. */
export interface Keeper {
  readonly endpoint?: Ref;
}

/** A handle that names a block. */
export interface NamingHandle {
  readonly handleID: string;
  /** Undefined: there is no such handle. */
  readonly version: Version | undefined;
}

interface Row {
  /** Undefined: there is no such handle. */
  readonly version: Version | undefined;
  readonly garbled: boolean;
  /** Counts of the handle that no block has confirmed yet. */
  readonly claimed: Record<string, unknown>;
  wrong: readonly string[];
  blocks: readonly string[];
  holds: boolean;
}

export function openLedger(): Ledger {
  // Of most handles, which agree with the blocks, one string is kept.
  const rows = new Map<string, Row | string>();
  const unknown = new Set<string>();
  let size = 0;
  return {
    handle({ ref, at, value, version }) {
      size++;
      // A stray among the handles has the name ''.
      rows.set(ref.kind === 'handle' ? ref.id : '', packed(rowOf(at, value, version)));
    },
    held(handleID, cidr, count) {
      const known = rows.get(handleID);
      if (typeof known === 'string' && known.endsWith(packedCount(cidr, count))) {
        rows.set(handleID, known.slice(0, known.indexOf(BETWEEN)));
        return;
      }
      const row = rowIn(rows, handleID);
      const claimed = row.claimed[cidr];
      delete row.claimed[cidr];
      row.holds = true;
      if (claimed === count) {
        if (row.version !== undefined && isSettled(row)) rows.set(handleID, row.version);
        return;
      }
      row.blocks = [...row.blocks, cidr];
      const isCounted = row.version !== undefined && !row.garbled;
      const wrong = isCounted ? `counts ${shown(claimed)} in ${cidr}, which holds ${count}` : `${count} in ${cidr}`;
      row.wrong = [...row.wrong, wrong];
    },
    unknown: (cidr) => void unknown.add(cidr),
    size: () => size,
    missing: (isThere) => missingIn(rows, (cidr) => isThere(cidr) || unknown.has(cidr)),
    findings: (keeper) =>
      [...open(rows)].flatMap(([handleID, row]) => {
        const finding = findingOf(handleID, row, unknown);
        return finding === undefined ? [] : kept(finding, keeper(handleID, finding.blocks ?? []));
      }),
  };
}

function kept(finding: Finding, keeper: Keeper | undefined): Finding {
  if (keeper === undefined) return finding;
  return { ...finding, ...keeper, kind: finding.kind === 'handle-leaked' ? 'handle-stranded' : finding.kind };
}

function missingIn(
  rows: ReadonlyMap<string, Row | string>,
  isThere: (cidr: string) => boolean,
): ReadonlyMap<string, readonly NamingHandle[]> {
  const found = new Map<string, NamingHandle[]>();
  for (const [handleID, row] of open(rows)) {
    for (const cidr of Object.keys(row.claimed).filter((each) => !isThere(each))) {
      const others = found.get(cidr) ?? [];
      found.set(cidr, others);
      others.push({ handleID, version: row.version });
    }
  }
  return found;
}

/** The row of a handle. Created if there is none, or if it was dropped. */
function rowIn(rows: Map<string, Row | string>, handleID: string): Row {
  const known = rows.get(handleID);
  if (typeof known === 'object') return known;
  const row = known === undefined ? rowOf('', '{}', undefined) : unpacked(known);
  rows.set(handleID, row);
  return row;
}

function rowOf(at: string, value: string, version: Version | undefined): Row {
  const fields = objectOrNothing(at, value);
  const claimed = { ...asObject(fields?.['block']) };
  return { version, garbled: fields === undefined, claimed, wrong: NONE, blocks: NONE, holds: false };
}

const NONE: readonly string[] = [];

const BETWEEN = '\n';

/** A row as one string, if the handle counts addresses in a single block, as nearly all do. */
function packed(row: Row): Row | string {
  const blocks = Object.keys(row.claimed);
  const [cidr = ''] = blocks;
  const count = row.claimed[cidr];
  const isUsual = blocks.length === 1 && Number.isSafeInteger(count) && !cidr.includes(BETWEEN);
  return row.version !== undefined && isUsual ? row.version + packedCount(cidr, count as number) : row;
}

const packedCount = (cidr: string, count: number): string => `${BETWEEN}${cidr}${BETWEEN}${count}`;

/** The row of a packed one; a version alone is that of a handle that agrees with the blocks. */
function unpacked(text: string): Row {
  const [version = '', cidr, count] = text.split(BETWEEN);
  const claimed = cidr === undefined ? {} : { [cidr]: Number(count) };
  return { version, garbled: false, claimed, wrong: NONE, blocks: NONE, holds: cidr === undefined };
}

/** The rows that do not agree with the blocks. */
function* open(rows: ReadonlyMap<string, Row | string>): Generator<readonly [handleID: string, row: Row]> {
  for (const [handleID, row] of rows) {
    if (typeof row === 'object') yield [handleID, row];
    else if (row.includes(BETWEEN)) yield [handleID, unpacked(row)];
  }
}

/** A count as stored, whatever its type; 0 if absent. */
const shown = (count: unknown): string => stringifyJson(count ?? 0);

function isSettled({ claimed, wrong }: Row): boolean {
  return wrong.length === 0 && Object.keys(claimed).length === 0;
}

function findingOf(handleID: string, row: Row, unknown: ReadonlySet<string>): Finding | undefined {
  const left = Object.entries(row.claimed).filter(([cidr]) => !unknown.has(cidr));
  const hidden = Object.keys(row.claimed).length - left.length;
  const wrong = [...row.wrong, ...left.map(([cidr, count]) => `counts ${shown(count)} in ${cidr}, which holds none`)];
  const [kind, what] = judged(row, wrong, hidden);
  if (kind === undefined) return undefined;
  const blocks = [...row.blocks, ...left.map(([cidr]) => cidr)];
  const seen = [{ ref: handleRef(handleID), seen: row.version }];
  return { kind, text: `${handleID}: ${what}`, seen, handleID, blocks };
}

function judged(row: Row, wrong: readonly string[], hidden: number): readonly [FindingKind | undefined, string] {
  if (row.version === undefined)
    return ['handle-missing', `the handle does not exist; it should hold ${wrong.join(', ')}`];
  if (row.garbled)
    return ['handle-miscounted', `its value cannot be read; it should hold ${wrong.join(', ') || 'no address'}`];
  if (!row.holds && hidden === 0) return ['handle-leaked', wrong.join(', ') || 'lists no block'];
  return [wrong.length > 0 ? 'handle-miscounted' : undefined, wrong.join(', ')];
}
