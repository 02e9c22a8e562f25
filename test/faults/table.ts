import type { Kill } from './kills.ts';
import { type Boundary, type Fault, STATUSES } from './place.ts';
import type { Outcome } from './try-case.ts';

/** The faults as the columns of a table. */
const COLUMNS: Readonly<Record<Fault, string>> = {
  kill: 'kill -9',
  crash: 'crash',
  memory: 'out of memory',
  lost: 'answer lost',
  down: 'datastore gone',
  409: '409',
  429: '429',
  500: '500',
  fails: 'kernel, program or disk fails',
  beside: 'concurrent GC',
};
const FAULTS: readonly Fault[] = ['kill', 'lost', 'down', ...STATUSES, 'fails', 'beside'];

/** Boundary × fault → outcome for every call, in Markdown. The follow-up is omitted if nothing went wrong. */
export function faultTables(outcomes: readonly Outcome[]): string {
  const tables = groups(outcomes, ({ tried }) => tried.scenario.name).map(([name, ofCall]) => {
    const rows = groups(ofCall, ({ tried: { boundary } }) => nameOf(boundary));
    const lines = rows.map(([boundary, found]) => row([boundary, ...FAULTS.map((fault) => cell(found, fault))]));
    return `#### ${name}\n\n${head(['boundary', ...FAULTS.map((fault) => COLUMNS[fault])])}\n${lines.join('\n')}\n`;
  });
  return tables.join('\n');
}

/** Requests and files are already distinct. */
const nameOf = ({ kind, number, phase, name }: Boundary): string =>
  `${phase} ${name}${kind === 'program' || kind === 'kernel' ? ` (${kind} ${number})` : ''}`;

/** How the call ended, or that it was not tried (–) or left something (RED). */
function cell(outcomes: readonly Outcome[], fault: Fault): string {
  const here = outcomes.filter(({ tried }) => tried.fault === fault);
  if (here.length === 0) return '–';
  const ends = [...new Set(here.map(({ ended }) => ended))].join(' or ');
  return here.some(({ problems }) => problems.length > 0) ? `RED (${ends})` : `${ends}, clean`;
}

/** The number of cases per call and fault, and how many left something. */
export function summary(outcomes: readonly Outcome[]): string {
  const line = (name: string, found: readonly Outcome[]) => {
    const boundaries = new Set(
      found.map(({ tried: { boundary, scenario } }) => `${scenario.name} ${JSON.stringify(boundary)}`),
    );
    const counts = FAULTS.map((fault) => found.filter(({ tried }) => tried.fault === fault).length);
    const red = found.filter(({ problems }) => problems.length > 0).length;
    return row([name, ...[boundaries.size, ...counts, found.length, red].map(String)]);
  };
  const lines = groups(outcomes, ({ tried }) => tried.scenario.name).map(([name, found]) => line(name, found));
  const title = head(['call', 'boundaries', ...FAULTS.map((fault) => COLUMNS[fault]), 'cases', 'left something']);
  return `${title}\n${[...lines, line('total', outcomes)].join('\n')}\n`;
}

/** Random kills by how the call ended. */
export function killSummary(kills: readonly Kill[]): string {
  const ends = groups(kills, ({ ended }) => ended).map(([ended, found]) => `${found.length} ${ended}`);
  const red = kills.filter(({ problems }) => problems.length > 0).length;
  return `${kills.length} random kills of the release build: ${ends.sort().join(', ')}; ${red} left something\n`;
}

/** The problems, one per line. */
export const problemsOf = (outcomes: readonly Outcome[]): readonly string[] =>
  outcomes.flatMap(({ tried: { scenario, boundary, fault, aftermath }, ended, problems }) =>
    problems.map(
      (problem) => `${scenario.name}, ${fault} ${nameOf(boundary)}, ${ended}, then ${aftermath}: ${problem}`,
    ),
  );

/** The same for kills. */
export const problemsOfKills = (kills: readonly Kill[]): readonly string[] =>
  kills.flatMap(({ name, ended, problems }) => problems.map((problem) => `${name}, ${ended}: ${problem}`));

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const head = (cells: readonly string[]): string => `${row(cells)}\n${row(cells.map(() => '---'))}`;

function groups<T>(items: readonly T[], keyOf: (item: T) => string): readonly (readonly [string, readonly T[]])[] {
  const found = new Map<string, T[]>();
  for (const item of items) found.set(keyOf(item), [...(found.get(keyOf(item)) ?? []), item]);
  return [...found];
}
