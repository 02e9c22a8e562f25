import { formatJson } from '../../ctl/text/json.ts';
import { columns } from '../../ctl/text/table.ts';
import type { Check, CheckState } from './check.ts';

const STATES = { ok: 'OK', warning: 'WARNING', failed: 'FAILED', unknown: 'UNKNOWN' } as const;

const isFailed = ({ state }: Check): boolean => state === 'failed';
const isWarning = ({ state }: Check): boolean => state === 'warning';

/** Whether pods and routes can work here. */
export const meetsRequirements = (checks: readonly Check[]): boolean => !checks.some(isFailed);

/** For people: each section with its checks, what to do, and the verdict. */
export function checksText(checks: readonly Check[]): string {
  const sections = [...new Set(checks.map(({ section }) => section))];
  const rows = (section: string) =>
    checks.filter((check) => check.section === section).map(({ name, found, state }) => [name, found, STATES[state]]);
  const parts = sections.map((section) => `Checking ${section}...\n${indented(columns(rows(section)))}`);
  return `${parts.join('')}${advice(checks)}\n${verdict(checks)}\n`;
}

const indented = (text: string): string => text.replaceAll(/^(?=.)/gm, '    ').replaceAll(/ +$/gm, '');

/** What to do, once for all that it is the same for. */
function advice(checks: readonly Check[]): string {
  const told = new Map<string, { readonly state: CheckState; readonly names: string[]; readonly what: string }>();
  for (const { state, name, found, remedy } of checks) {
    if (state === 'ok' || remedy === undefined) continue;
    const what = `${found}: ${remedy}`;
    const same = told.get(what);
    if (same === undefined) told.set(what, { state, names: [name], what });
    else same.names.push(name);
  }
  const lines = [...told.values()].map(({ state, names, what }) => `${STATES[state]}: ${names.join(', ')}: ${what}\n`);
  return lines.length === 0 ? '' : `\n${lines.join('')}`;
}

function verdict(checks: readonly Check[]): string {
  if (!meetsRequirements(checks)) return "System doesn't meet minimum system requirements to run Calico";
  const warnings = checks.filter(isWarning).length;
  const count = warnings === 0 ? '' : ` (${warnings} warning${warnings === 1 ? '' : 's'})`;
  return `System meets minimum system requirements to run Calico!${count}`;
}

/** For programs. */
export const checksJson = (checks: readonly Check[]): string =>
  `${formatJson({
    ok: meetsRequirements(checks),
    failed: checks.filter(isFailed).length,
    warnings: checks.filter(isWarning).length,
    checks: checks.map(({ section, name, state, found, remedy }) => ({ section, name, state, found, remedy })),
  })}\n`;
