import { platform } from '#platform';
import { localTime } from '../system/local-time.ts';
import { VERBS } from '../system/verb.ts';
import type { World } from '../system/world.ts';
import type { LogConf } from './log-conf.ts';
import { openLogFile } from './log-file.ts';

/** Details after a line's message: `key=value` pairs. */
type Fields = Readonly<Record<string, string | number | boolean>>;

/** Where a call logs what it does. Nothing is formatted when the level is off, and a line that cannot be written never fails a call. */
export interface Log {
  debug(msg: string, fields?: Fields): void;
  info(msg: string, fields?: Fields): void;
  warn(msg: string, fields?: Fields): void;
  error(msg: string, fields?: Fields): void;
  /** The same log with more fields on every line. */
  with(fields: Fields): Log;
}

/** The component that writes a line, as the original names it. */
export type Component = 'cni-plugin' | 'ipam' | 'calicoctl';

/** The log settings before the configuration has been read. */
export const DEFAULT_LOG: LogConf = { level: '', filePath: '', fileMaxSize: 100, fileMaxAge: 30, fileMaxCount: 10 };

const ignore = (): void => {};

/** A log that writes nothing. */
export const silent: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore, with: () => silent };

const LEVELS = ['debug', 'info', 'warning', 'error'] as const;
type Level = (typeof LEVELS)[number];
type Write = (level: Level, msg: string, fields: Fields) => void;

/**
 * The log for a configuration: standard error, and `log_file_path` if set. An unknown level counts as info. On a terminal,
 * for someone who runs a plugin by hand, only warnings are shown unless a level is set.
 */
export function openLog(world: World, conf: LogConf, component: Component): Log {
  const level = LEVELS.find((known) => known === conf.level) ?? 'info';
  const file = conf.filePath === '' ? undefined : openLogFile(world, conf);
  const verb = VERBS.find((known) => known === world.env['CNI_COMMAND']) ?? 'main';
  const source = `${component}/${verb.toLowerCase()}.ts`;
  return logOf(LEVELS.slice(LEVELS.indexOf(level)), {}, (wanted, msg, fields) => {
    const time = localTime(Number(world.now() / 1_000_000n));
    const line = formatLine(time, wanted, source, msg, fields);
    if (!(wanted === 'info' && conf.level === '' && world.stderrIsTerminal?.())) world.stderr(line);
    file?.write(line);
  });
}

function logOf(enabled: readonly Level[], common: Fields, write: Write): Log {
  const at = (level: Level) =>
    enabled.includes(level)
      ? (msg: string, fields?: Fields) => write(level, msg, fields === undefined ? common : { ...common, ...fields })
      : ignore;
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warning'),
    error: at('error'),
    with: (fields) => logOf(enabled, { ...common, ...fields }, write),
  };
}

/** E.g. `2026-11-21 07:06:55.176 [INFO][1218] cni-plugin/add.ts: message key="value"`, in local time, fields sorted by key. */
function formatLine(time: string, level: Level, source: string, msg: string, fields: Fields): string {
  const pairs = Object.entries(fields)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => ` ${key}=${JSON.stringify(value)}`);
  // Keep an entry on one line, whatever its message quotes.
  const text = msg.replaceAll('\n', '\\n').replaceAll('\r', '\\r');
  return `${time} [${level.toUpperCase()}][${platform.pid}] ${source}: ${text}${pairs.join('')}\n`;
}
