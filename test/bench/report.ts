import type { Figure, Line } from './figures.ts';
import { type Machine, nameMachine, wasBusy } from './machine.ts';

/** The format that `--json` writes and `--against` reads. */
export interface Report {
  /** The command line. */
  readonly command: string;
  readonly machine: Machine;
  readonly rounds: number;
  readonly lines: readonly Line[];
}

interface Column {
  readonly figure: Figure;
  readonly title: string;
  readonly digits: number;
}

const COLUMNS: readonly Column[] = [
  { figure: 'perSecond', title: 'a second', digits: 1 },
  { figure: 'p50', title: 'p50 ms', digits: 1 },
  { figure: 'p95', title: 'p95 ms', digits: 1 },
  { figure: 'p99', title: 'p99 ms', digits: 1 },
  { figure: 'worst', title: 'worst ms', digits: 1 },
  { figure: 'cpu', title: 'CPU ms', digits: 1 },
  { figure: 'memory', title: 'peak MB', digits: 1 },
  { figure: 'calls', title: 'calls', digits: 0 },
  { figure: 'lostRaces', title: 'lost races', digits: 0 },
];

/** How the figures were measured, for readers of the table. */
const NOTES = [
  'Wall time from starting the executable to its end, as a runtime calls it; both sides take turns in one run.',
  'Configuration: cniVersion 1.0.0 (1.1.0 for STATUS), log_level error.',
  'CPU: user and system time of the program and the children it waited for. Memory: of the largest process.',
  'Calls: of etcd; for the Kubernetes datastore, requests to the API server.',
  "etcd keeps its data in memory and shares the machine's cores with the plugins, as do the files of host-local.",
  'With IPv6, ptp waits until duplicate address detection is done. calico does not need it, because it assigns unique addresses.',
  'Lost races: transactions that etcd rejected because another writer was first. Each is decided and sent again.',
  'Blocks of the full store are contiguous from the start of a pool of 16,384.',
];

/** The report of `npm run bench` in Markdown: single calls, then many at once, each compared with its peer. */
export function print({ command, machine, rounds, lines }: Report): string {
  const [floods, calls] = [true, false].map((many) => lines.filter(({ figures }) => 'perSecond' in figures === many));
  const tables = [calls, floods].map((part) => table(part ?? [], lines)).filter((text) => text !== '');
  const busy = wasBusy(machine) ? ['**The machine was busy: these figures are unreliable.**'] : [];
  const head = [`\`${command}\` on ${nameMachine(machine)}; ${rounds} rounds.`, ...busy];
  return `${[...head, ...tables, NOTES.map((note) => `- ${note}`).join('\n')].join('\n\n')}\n`;
}

function table(shown: readonly Line[], all: readonly Line[]): string {
  if (shown.length === 0) return '';
  const columns = COLUMNS.filter(({ figure }) => shown.some(({ figures }) => figure in figures));
  const rows = shown.map(({ name, figures, against }) => [
    name,
    ...columns.map(({ figure, digits }) => figures[figure]?.toFixed(digits) ?? '–'),
    compared(figures, against, all),
  ]);
  return markdown(['', ...columns.map(({ title }) => title), 'compared'], rows);
}

/** E.g. "0.62 (CPU 0.80) of DEL ptp + host-local": the ratio of this row's medians to another's. */
function compared(figures: Line['figures'], against: string | undefined, all: readonly Line[]): string {
  const peer = all.find(({ name }) => name === against)?.figures;
  if (peer === undefined) return '';
  const ratio = (figure: Figure) => ((figures[figure] ?? Number.NaN) / (peer[figure] ?? Number.NaN)).toFixed(2);
  return `${ratio('p50')} (CPU ${ratio('cpu')}) of ${against}`;
}

/** Rows that both reports have, new against old. Below 1 is better, except for rates per second. */
export function printAgainst(now: Report, then: Report): string {
  const rows = now.lines.flatMap(({ name, figures }) => {
    const before = then.lines.find((line) => line.name === name)?.figures;
    if (before === undefined) return [];
    const cells = COLUMNS.map(({ figure, digits }) => change(figures[figure], before[figure], digits));
    return [[name, ...cells]];
  });
  const used = COLUMNS.map((_, index) => rows.some((row) => row[index + 1] !== ''));
  const keep = (cells: readonly string[]) => cells.filter((_, index) => index === 0 || used[index - 1]);
  const head = keep(['then → now (ratio)', ...COLUMNS.map(({ title }) => title)]);
  return `Then: ${nameMachine(then.machine)}; ${then.rounds} rounds.\n\n${markdown(head, rows.map(keep))}\n`;
}

function change(now: number | undefined, before: number | undefined, digits: number): string {
  if (now === undefined || before === undefined) return '';
  const ratio = before === 0 ? '' : ` (${(now / before).toFixed(2)})`;
  return `${before.toFixed(digits)} → ${now.toFixed(digits)}${ratio}`;
}

/** A Markdown table that is also readable as text, with numbers aligned right. */
function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const isText = (column: number) => column === 0 || head[column] === 'compared';
  const pad = (cell: string, column: number) =>
    isText(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  const line = (cells: readonly string[]) => `| ${cells.map(pad).join(' | ')} |`;
  const rule = widths.map((width, column) => (isText(column) ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}
