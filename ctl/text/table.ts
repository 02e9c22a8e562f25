type Row = readonly string[];

/** The width of each column. */
const widths = (rows: readonly Row[]): readonly number[] =>
  rows.reduce<number[]>((widest, row) => row.map((cell, at) => Math.max(widest[at] ?? 0, cell.length)), []);

/** The padding after a column's longest text, and the minimum width with it. */
const GAP = 3;
const NARROWEST = 5;

/** Left-aligned columns, separated by three spaces, as `calicoctl get` prints them. Ends with a newline. */
export function columns(rows: readonly Row[]): string {
  const wide = widths(rows).map((width) => Math.max(width + GAP, NARROWEST));
  return rows.map((row) => `${row.map((cell, at) => cell.padEnd(wide[at] ?? 0)).join('')}\n`).join('');
}

const NUMBER = /^-?\d+(?:\.\d+)?%?$/;

/**
 * A table with lines, a centred head and right-aligned numbers, as `calicoctl ipam show` prints it. Ends with a newline. `leaning`:
 * where a head goes that cannot be in the middle.
 */
export function grid(head: Row, rows: readonly Row[], leaning: 'left' | 'right' = 'right'): string {
  const wide = widths([head, ...rows]);
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
