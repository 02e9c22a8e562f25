import { failure } from '../../shared/error/failure.ts';
import type { Kind, Surroundings } from '../kinds/kind.ts';
import type { AnyResource } from '../resource/resource.ts';
import { textOf } from '../resource/shape.ts';
import { type PackedRows, packedText, packRows } from '../text/packed-rows.ts';
import { longest, rowText, widthsOf } from '../text/table.ts';
import type { Format } from './output.ts';

/** How results are shown in rows. */
export interface RowStyle {
  readonly format: Format;
  /** Adds a column for kinds that have namespaces. */
  readonly withNamespace: boolean;
}

/** What was found of a kind: as many of its rows as were found together. */
export interface FoundRows {
  readonly kind: Kind;
  readonly rows: PackedRows;
}

/** The rows of resources: cells of a table, or names. Unknown columns are refused by `rowTexts`. */
export function rowsOf(
  kind: Kind,
  resources: readonly AnyResource[],
  style: RowStyle,
  around: Surroundings,
): FoundRows {
  if (style.format.style === 'name') {
    return {
      kind,
      rows: packRows(resources.map(({ metadata }) => [`${kind.name.toLowerCase()}/${textOf(metadata.name)}`])),
    };
  }
  const cells = headingsOf(kind, style).flatMap((heading) => kind.columns[heading] ?? []);
  return { kind, rows: packRows(resources.map((resource) => cells.map((cell) => cell(resource, around)))) };
}

/** The text of all rows, kind by kind, in pieces. Throws a Failure, before the first, for a column that a kind does not have. */
export function* rowTexts(found: readonly FoundRows[], style: RowStyle): Generator<string> {
  const kinds = [...new Set(found.map(({ kind }) => kind))];
  const isNames = style.format.style === 'name';
  if (!isNames) for (const kind of kinds) refuseUnknown(kind, style);
  for (const kind of kinds) {
    const packs = found.flatMap(({ kind: its, rows }) => (its === kind && rows.lengths.length > 0 ? [rows] : []));
    if (isNames) for (const pack of packs) yield packedText(pack, [0]);
    else yield* tableTexts(headingsOf(kind, style), packs);
  }
}

function* tableTexts(headings: readonly string[], packs: readonly PackedRows[]): Generator<string> {
  const widths = widthsOf(longest([headings.map(({ length }) => length), ...packs.map((pack) => pack.longest)]));
  yield rowText(headings, widths);
  for (const pack of packs) yield packedText(pack, widths);
  yield '\n';
}

function headingsOf(kind: Kind, { format: { style, headings }, withNamespace }: RowStyle): readonly string[] {
  const own = { ps: kind.usual, wide: kind.wide, columns: headings }[style as 'ps' | 'wide' | 'columns'];
  return withNamespace && 'NAMESPACE' in kind.columns ? ['NAMESPACE', ...own] : own;
}

function refuseUnknown(kind: Kind, style: RowStyle): void {
  const unknown = headingsOf(kind, style).find((heading) => kind.columns[heading] === undefined);
  if (unknown === undefined) return;
  throw failure(`Unknown heading ${unknown}, valid values are: ${Object.keys(kind.columns).join(', ')}`);
}
