import { formatDuration, parseDuration } from './duration.ts';
import { FORMATS } from './format.ts';

/** A spelling of a value: how it is stored (undefined if unreadable), and a description of what is expected. */
interface Form {
  readonly wanted: string;
  read(given: unknown): string | number | undefined;
}

const PORT = 65_535;
const PORTS = /^(\d+):(\d+)$/;

const whole = (given: unknown, least: number, most: number): number | undefined => {
  if (typeof given !== 'number' && typeof given !== 'string' && typeof given !== 'bigint') return undefined;
  if (!/^\d{1,10}$/.test(String(given))) return undefined;
  const value = Number(given);
  return value >= least && value <= most ? value : undefined;
};

/** A single port as a number, a range as `MIN:MAX`. */
function portOf(given: unknown): string | number | undefined {
  const single = whole(given, 1, PORT);
  if (single !== undefined) return single;
  const [, first, last] = PORTS.exec(String(given)) ?? [];
  const [min, max] = [whole(first, 1, PORT), whole(last, 1, PORT)];
  if (typeof given !== 'string' || min === undefined || max === undefined || min > max) return undefined;
  return min === max ? min : `${min}:${max}`;
}

function portOrName(given: unknown): string | number | undefined {
  const port = portOf(given);
  if (port !== undefined || typeof given !== 'string' || /^\d+(?::\d+)?$/.test(given)) return port;
  return FORMATS.portName(given) === undefined ? given : undefined;
}

const PROTOCOLS = ['TCP', 'UDP', 'ICMP', 'ICMPv6', 'SCTP', 'UDPLite'];

/** As given: a number in quotes stays a string. */
function protocolOf(given: unknown): string | number | undefined {
  if (typeof given === 'string' && PROTOCOLS.includes(given)) return given;
  if (whole(given, 1, 255) === undefined) return undefined;
  return typeof given === 'string' ? given : Number(given);
}

/** A 32-bit number, also as two 16-bit numbers with a dot. */
function asNumberOf(given: unknown): number | undefined {
  const number = whole(given, 0, 0xffffffff);
  if (number !== undefined || typeof given === 'bigint') return number;
  const parts = typeof given === 'object' ? [] : String(given).split('.');
  const [high, low] = parts.map((part) => whole(part, 0, 0xffff));
  return parts.length !== 2 || high === undefined || low === undefined ? undefined : high * 0x1_0000 + low;
}

function durationOf(given: unknown): string | undefined {
  const nanoseconds = typeof given === 'string' ? parseDuration(given) : undefined;
  return nanoseconds === undefined ? undefined : formatDuration(nanoseconds);
}

const CLASSES = /^(?:DF|EF|VA|LE|CS[0-7]|AF[1-4][1-3])$/;

const DURATION = 'must be a duration that is not negative, such as "90s" or "1m30s"';

export const FORMS = {
  port: {
    wanted: `must be a port from 1 to ${PORT}, a range such as 8080:8090, or a port’s name`,
    read: portOrName,
  },
  portRange: { wanted: `must be a port from 1 to ${PORT} or a range such as 8080:8090`, read: portOf },
  protocol: {
    wanted: `must be a number from 1 to 255, or one of ${PROTOCOLS.map((name) => `"${name}"`).join(', ')}`,
    read: protocolOf,
  },
  asNumber: { wanted: 'invalid AS Number', read: asNumberOf },
  duration: { wanted: DURATION, read: durationOf },
  durationOrAuto: {
    wanted: `${DURATION}, or "Auto"`,
    read: (given) => (given === 'Auto' ? given : durationOf(given)),
  },
  dscp: {
    wanted: 'must be a DSCP value from 0 to 63, or a name such as "EF" or "AF41"',
    read: (given) => whole(given, 0, 63) ?? (CLASSES.test(String(given)) ? String(given) : undefined),
  },
} as const satisfies Readonly<Record<string, Form>>;

export type FormName = keyof typeof FORMS;
