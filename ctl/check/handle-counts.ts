import { stringifyJson } from '../../shared/calico/json.ts';
import { asObject, objectOrNothing } from '../../shared/calico/stored.ts';
import type { Entry, Version } from '../../shared/datastore/query.ts';
import { handleRef, type Ref } from '../../shared/datastore/ref.ts';
import type { Finding, FindingKind } from './finding.ts';

/** Handles held against blocks: what each says it has, what it really has. Entries that agree are forgotten at once. */
export interface Ledger {
  /** A handle as stored. */
  handle(entry: Entry): void;
  /** How many addresses a block holds for a handle. */
  held(handleID: string, cidr: string, count: number): void;
  /** A block nobody can read: nothing is said about its handles. */
  unknown(cidr: string): void;
  /** How many handles there are. */
  size(): number;
  /** Handles not yet seen in a block that is not there, by the block's CIDR. */
  missing(isThere: (cidr: string) => boolean): ReadonlyMap<string, readonly NamingHandle[]>;
  /** `keeper`: why a handle must not go though no block has anything for it; it is told of the blocks that it names. */
  findings(keeper: (handleID: string, blocks: readonly string[]) => Keeper | undefined): readonly Finding[];
}

/** What a handle is kept for: an endpoint of its container, or somebody who never has one. */
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
  /** Told and not yet seen in a block. */
  readonly told: Record<string, unknown>;
  wrong: readonly string[];
  blocks: readonly string[];
  holds: boolean;
}

export function openLedger(): Ledger {
  // Nearly all handles are found as they say: of those only the version is kept.
  const rows = new Map<string, Row | Version>();
  const unknown = new Set<string>();
  let size = 0;
  return {
    handle({ ref, at, value, version }) {
      size++;
      // What lies among handles under no name is named ''.
      rows.set(ref.kind === 'handle' ? ref.id : '', rowOf(at, value, version));
    },
    held(handleID, cidr, count) {
      const row = rowIn(rows, handleID);
      const told = row.told[cidr];
      delete row.told[cidr];
      row.holds = true;
      if (told === count) {
        if (row.version !== undefined && isSettled(row)) rows.set(handleID, row.version);
        return;
      }
      row.blocks = [...row.blocks, cidr];
      const isTold = row.version !== undefined && !row.garbled;
      const wrong = isTold ? `counts ${shown(told)} in ${cidr}, which holds ${count}` : `${count} in ${cidr}`;
      row.wrong = [...row.wrong, wrong];
    },
    unknown: (cidr) => void unknown.add(cidr),
    size: () => size,
    missing: (isThere) => missingIn(rows, (cidr) => isThere(cidr) || unknown.has(cidr)),
    findings: (keeper) =>
      [...rows].flatMap(([handleID, row]) => {
        const finding = typeof row === 'string' ? undefined : findingOf(handleID, row, unknown);
        return finding === undefined ? [] : kept(finding, keeper(handleID, finding.blocks ?? []));
      }),
  };
}

function kept(finding: Finding, keeper: Keeper | undefined): Finding {
  if (keeper === undefined) return finding;
  return { ...finding, ...keeper, kind: finding.kind === 'handle-leaked' ? 'handle-stranded' : finding.kind };
}

function missingIn(
  rows: ReadonlyMap<string, Row | Version>,
  isThere: (cidr: string) => boolean,
): ReadonlyMap<string, readonly NamingHandle[]> {
  const found = new Map<string, NamingHandle[]>();
  for (const [handleID, row] of rows) {
    if (typeof row === 'string') continue;
    for (const cidr of Object.keys(row.told).filter((each) => !isThere(each))) {
      const others = found.get(cidr) ?? [];
      found.set(cidr, others);
      others.push({ handleID, version: row.version });
    }
  }
  return found;
}

/** The row of a handle, made where there is none or where it seemed done with. */
function rowIn(rows: Map<string, Row | Version>, handleID: string): Row {
  const known = rows.get(handleID);
  if (typeof known === 'object') return known;
  const row = rowOf('', '{}', known);
  rows.set(handleID, row);
  return row;
}

function rowOf(at: string, value: string, version: Version | undefined): Row {
  const fields = objectOrNothing(at, value);
  const told = { ...asObject(fields?.['block']) };
  return { version, garbled: fields === undefined, told, wrong: NONE, blocks: NONE, holds: false };
}

const NONE: readonly string[] = [];

/** A count as stored, whatever it is; none is 0. */
const shown = (count: unknown): string => stringifyJson(count ?? 0);

function isSettled({ told, wrong }: Row): boolean {
  return wrong.length === 0 && Object.keys(told).length === 0;
}

function findingOf(handleID: string, row: Row, unknown: ReadonlySet<string>): Finding | undefined {
  const left = Object.entries(row.told).filter(([cidr]) => !unknown.has(cidr));
  const hidden = Object.keys(row.told).length - left.length;
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
