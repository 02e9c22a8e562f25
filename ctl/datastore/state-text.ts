import type { Probe } from '../../shared/etcd/probe.ts';
import { grid } from '../text/table.ts';

/** What an endpoint answered, and when its certificate expires. */
export interface EndpointState extends Probe {
  /** Milliseconds since 1970. */
  readonly certificateEnds?: number;
}

/** Our own certificates: expiry in milliseconds since 1970, by purpose. */
export type OwnCertificates = Readonly<Record<string, number>>;

const DAY_MS = 86_400_000;
/** How long before its expiry a certificate is mentioned. */
const SOON_DAYS = 30;

const HEAD = ['ENDPOINT', 'CONNECT', 'READ', 'VERSION', 'ROLE', 'SIZE', 'LOGIN', 'CERTIFICATE EXPIRES'];

/** The output of a datastore check, and whether everything is well. `now` is in milliseconds since 1970. */
export function datastoreText(states: readonly EndpointState[], own: OwnCertificates, now: number): StateText {
  const table = grid(HEAD, states.map(rowOf));
  const faults = states.flatMap((state) => faultsOf(state, now));
  const ended = Object.entries(own).flatMap(([what, ends]) => endsText(what, ends, now));
  const bad = [...faults, ...ended.filter(({ over }) => over).map(({ text }) => text)];
  const soon = [
    ...states.flatMap((state) => soonOf(state, now)),
    ...ended.filter(({ over }) => !over).map(({ text }) => text),
  ];
  return stateText(table, bad, soon);
}

interface StateText {
  readonly text: string;
  readonly clean: boolean;
}

/** A table of servers, then what is wrong now and what will be soon. */
export function stateText(table: string, bad: readonly string[], soon: readonly string[]): StateText {
  const lines = [...bad, ...soon].map((line) => `  ${line.replaceAll('\n', '\n    ')}\n`).join('');
  const sum = bad.length === 0 ? 'The datastore is healthy.\n' : `Problems: ${bad.length}\n`;
  return { text: `${table}${lines}${sum}`, clean: bad.length === 0 };
}

function rowOf(state: EndpointState): readonly string[] {
  const { endpoint, connectMs, readMs, version = '-', role = '-', size, login = '-', certificateEnds } = state;
  return [
    endpoint,
    milliseconds(connectMs),
    milliseconds(readMs),
    version,
    role,
    size === undefined ? '-' : megabytes(size),
    login,
    certificateEnds === undefined ? '-' : day(certificateEnds),
  ];
}

/** A duration; `-` if it is not known. */
export const milliseconds = (ms: number | undefined): string => (ms === undefined ? '-' : `${ms.toFixed(1)} ms`);
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
/** A date, of milliseconds since 1970. */
export const day = (time: number): string => new Date(time).toISOString().slice(0, 10);

function faultsOf(
  { endpoint, problems, alarms, role, certificateEnds }: EndpointState,
  now: number,
): readonly string[] {
  return [
    ...problems.map((problem) => `${endpoint}: ${problem}`),
    ...alarms.map((alarm) => `${endpoint}: alarm ${alarm}${alarm === 'NOSPACE' ? FULL : ''}`),
    ...(role === 'no leader' ? [`${endpoint}: has no leader`] : []),
    ...(certificateEnds === undefined ? [] : ends(endpoint, certificateEnds, now, true)),
  ];
}

const FULL = ': compact and defragment etcd, then etcdctl alarm disarm';

const soonOf = ({ endpoint, certificateEnds }: EndpointState, now: number): readonly string[] =>
  certificateEnds === undefined ? [] : ends(endpoint, certificateEnds, now, false);

const ends = (endpoint: string, time: number, now: number, over: boolean): readonly string[] =>
  endsText(`${endpoint}: its certificate`, time, now).flatMap((said) => (said.over === over ? said.text : []));

/** A certificate that ends soon, or has ended. */
export function endsText(
  what: string,
  time: number,
  now: number,
): readonly { readonly text: string; readonly over: boolean }[] {
  const days = Math.floor((time - now) / DAY_MS);
  if (time <= now) return [{ text: `${what} expired on ${day(time)}`, over: true }];
  return days >= SOON_DAYS ? [] : [{ text: `${what} expires on ${day(time)}, in ${days} days`, over: false }];
}
