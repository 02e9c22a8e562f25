import { longest, type Row, rowText } from './table.ts';

/** Rows of a table as one text: 100,000 of them take little more than their characters. */
export interface PackedRows {
  readonly text: string;
  /** The length of every cell, row after row. */
  readonly lengths: Uint32Array;
  /** The length of each column's longest text. */
  readonly longest: readonly number[];
}

export function packRows(rows: readonly Row[]): PackedRows {
  const cells = rows.flat();
  const lengths = Uint32Array.from(cells, (cell) => cell.length);
  return { text: cells.join(''), lengths, longest: longest(rows.map((row) => row.map(({ length }) => length))) };
}

/** The rows as lines, their columns at least so wide. */
export function packedText({ text, lengths }: PackedRows, widths: readonly number[]): string {
  const lines: string[] = [];
  let end = 0;
  for (let first = 0; first < lengths.length; first += widths.length) {
    const row = widths.map((_, column) => {
      const start = end;
      end += lengths[first + column] ?? 0;
      return text.slice(start, end);
    });
    lines.push(rowText(row, widths));
  }
  return lines.join('');
}
