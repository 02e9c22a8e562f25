import { grid } from '../text/table.ts';
import { day, endsText, type OwnCertificates } from './state-text.ts';

/** What an API server that holds Calico's data answered; undefined for what could not be found out. */
export interface ServerState {
  readonly endpoint: string;
  readonly connectMs?: number;
  readonly readMs?: number;
  readonly version?: string;
  readonly group?: string;
  readonly user?: string;
  /** Milliseconds since 1970. */
  readonly certificateEnds?: number;
  readonly own?: OwnCertificates;
  /** Why it cannot be used, and what it lacks. */
  readonly problems: readonly string[];
}

const HEAD = ['ENDPOINT', 'CONNECT', 'READ', 'VERSION', 'API GROUP', 'USER', 'CERTIFICATE EXPIRES'];

/** What a check of the datastore found, and whether all is well; `now` in milliseconds since 1970. */
export function serverText(state: ServerState, now: number): { readonly text: string; readonly clean: boolean } {
  const { endpoint, connectMs, readMs, version = '-', group = '-', user = '-', certificateEnds, own = {} } = state;
  const expires = certificateEnds === undefined ? '-' : day(certificateEnds);
  const table = grid(HEAD, [[endpoint, milliseconds(connectMs), milliseconds(readMs), version, group, user, expires]]);
  const all = {
    ...(certificateEnds === undefined ? {} : { [`${endpoint}: its certificate`]: certificateEnds }),
    ...own,
  };
  const ends = Object.entries(all).flatMap(([what, time]) => endsText(what, time, now));
  const bad = [...state.problems, ...ends.filter(({ over }) => over).map(({ text }) => text)];
  const soon = ends.filter(({ over }) => !over).map(({ text }) => text);
  const lines = [...bad, ...soon].map((line) => `  ${line.replaceAll('\n', '\n    ')}\n`).join('');
  const sum = bad.length === 0 ? 'The datastore is healthy.\n' : `Problems: ${bad.length}\n`;
  return { text: `${table}${lines}${sum}`, clean: bad.length === 0 };
}

const milliseconds = (ms: number | undefined): string => (ms === undefined ? '-' : `${ms.toFixed(1)} ms`);
