import { grid } from '../text/table.ts';
import { day, endsText, milliseconds, type OwnCertificates, stateText } from './state-text.ts';

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
export function serverText(state: ServerState, now: number): ReturnType<typeof stateText> {
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
  return stateText(table, bad, soon);
}
