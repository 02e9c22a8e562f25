import Table from 'cli-table3';

type Row = readonly string[];

const BLANK = Object.fromEntries(
  [
    ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'],
    ...['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'],
  ].map((place) => [place, '']),
);
const corners = ['top-mid', 'top-left', 'top-right', 'bottom-mid', 'bottom-left', 'bottom-right'];
const RULED = {
  ...BLANK,
  ...Object.fromEntries(corners.map((place) => [place, '+'])),
  ...{ top: '-', bottom: '-', mid: '-', left: '|', right: '|', middle: '|' },
  ...{ 'left-mid': '+', 'mid-mid': '+', 'right-mid': '+' },
};

/** Left-aligned columns three blanks apart, as `calicoctl get` prints them; ends with a line end. */
export function columns(rows: readonly Row[]): string {
  const table = new Table({ chars: BLANK, style: { 'padding-left': 0, 'padding-right': 3, head: [], border: [] } });
  // No column is narrower than five.
  table.push(...rows.map((row) => row.map((cell) => cell.padEnd(2))));
  return `${table.toString()}\n`;
}

/** A ruled table with a centred head, numbers to the right, as `calicoctl ipam show` prints it; ends with a line end. */
export function grid(head: Row, rows: readonly Row[]): string {
  const table = new Table({ chars: RULED, style: { compact: true, head: [], border: [] } });
  const centred = head.map((content) => ({ content, hAlign: 'center' as const }));
  const body = rows.map((row) =>
    row.map(
      (content) => ({ content, hAlign: /^\d/.test(content) && !content.includes('/') ? 'right' : 'left' }) as const,
    ),
  );
  table.push(centred, ...body);
  return `${table.toString()}\n`;
}
