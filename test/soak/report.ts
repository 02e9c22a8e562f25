import type { Report } from './run.ts';

/** The result of a soak as readable text. */
export function summary({ counts, restarts, audits, keys, problems }: Report, seconds: number, seed: number): string {
  const isCall = (what: string) => !what.endsWith('in the journal') && !what.startsWith('VM ');
  const calls = [...counts].reduce((sum, [what, number]) => sum + (isCall(what) ? number : 0), 0);
  const starting = (word: string) => problems.filter((problem) => problem.startsWith(word)).length;
  const lines = [
    `${calls} calls in ${seconds} s on 10 nodes, seed ${seed}, ${restarts} restarts of the datastore, ${audits} audits`,
    ...[...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([what, number]) => `  ${what}: ${number}`),
    `  keys in the datastore: ${keys.before} before, ${Math.min(...keys.during)} to ${Math.max(...keys.during)} during, ${keys.after} after`,
    `  duplicates: ${starting('DUPLICATE')}, leaks: ${starting('LEAK')}, lost: ${starting('LOST')}, other problems: ${
      problems.length - ['DUPLICATE', 'LEAK', 'LOST'].map(starting).reduce((sum, number) => sum + number, 0)
    }`,
  ];
  return `${lines.join('\n')}\n`;
}
