export type Row = readonly string[];

/** The length of each column's longest text, in rows of texts of these lengths. */
export const longest = (rows: readonly (readonly number[])[]): readonly number[] =>
  rows.reduce<number[]>((most, row) => row.map((length, at) => Math.max(most[at] ?? 0, length)), []);

const lengths = (rows: readonly Row[]): readonly number[] =>
  longest(rows.map((row) => row.map(({ length }) => length)));

/** The padding after a column's longest text, and the minimum width with it. */
const GAP = 3;
const NARROWEST = 5;

/** How wide columns are whose longest texts have these lengths. */
export const widthsOf = (most: readonly number[]): readonly number[] =>
  most.map((length) => Math.max(length + GAP, NARROWEST));

/** A row as a line. */
export const rowText = (row: Row, widths: readonly number[]): string =>
  `${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('')}\n`;

/** Left-aligned columns, separated by three spaces, as `calicoctl get` prints them. Ends with a newline. */
export function columns(rows: readonly Row[]): string {
  const widths = widthsOf(lengths(rows));
  return rows.map((row) => rowText(row, widths)).join('');
}

const NUMBER = /^-?\d+(?:\.\d+)?%?$/;

/**
 * A table with lines, a centred head and right-aligned numbers, as `calicoctl ipam show` prints it. Ends with a newline. `leaning`:
 * where a head goes that cannot be in the middle.
 */
export function grid(head: Row, rows: readonly Row[], leaning: 'left' | 'right' = 'right'): string {
  const wide = lengths([head, ...rows]);
  const line = (row: Row, align: (cell: string, width: number) => string) =>
    `|${row.map((cell, at) => ` ${align(cell, wide[at] ?? 0)} |`).join('')}\n`;
  const rule = `+${wide.map((width) => `${'-'.repeat(width + 2)}+`).join('')}\n`;
  const body = rows.map((row) => line(row, aligned)).join('');
  return `${rule}${line(head, CENTRED[leaning])}${rule}${body}${rule}`;
}

const aligned = (cell: string, width: number): string =>
  NUMBER.test(cell) ? cell.padStart(width) : cell.padEnd(width);

const centred =
  (round: (half: number) => number) =>
  (cell: string, width: number): string =>
    cell.padStart(cell.length + round((width - cell.length) / 2)).padEnd(width);

const CENTRED = { left: centred(Math.floor), right: centred(Math.ceil) } as const;

/** A text as lines of at most so many characters, where its words allow that. */
export function shortLines(text: string, widest: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > widest) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
