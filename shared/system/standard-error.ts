import { platform } from '#platform';
import { utf8 } from '../bytes/text.ts';
import { errnoName } from './errno.ts';
import { Open, openFile, statusOf, writeFrom } from './files.ts';
import { pause } from './pause.ts';

/** How long all lines of a call together wait for a slow reader. */
const PATIENCE_MS = 100;
const LOOK_EVERY_MS = 5;

const STANDARD_ERROR = 2;
const SAME_AGAIN = '/proc/self/fd/2';

/** Writes some of `bytes` without waiting: how many, undefined when there is no room now. Throws without a reader. */
type Sink = (bytes: Uint8Array) => number | undefined;

/**
 * Standard error that never delays the work: once all lines together have waited a tenth of a second, lines that do not fit are
 * dropped, and without a reader all of them. Opened by the first line.
 */
export function droppingStderr(): (text: string) => void {
  let sink: Sink | undefined;
  return lineWriter((bytes) => {
    sink ??= openSink();
    return sink(bytes);
  });
}

/** Writes lines to a sink as far as it accepts them; a truncated line is ended before the next one. */
export function lineWriter(sink: Sink, wait: (ms: number) => void = pause): (text: string) => void {
  let patience = PATIENCE_MS;
  let isCut = false;
  let isGone = false;
  /** Waits for room, unless all patience is used up. */
  const hasWaited = (): boolean => {
    if (patience <= 0) return false;
    wait(LOOK_EVERY_MS);
    patience -= LOOK_EVERY_MS;
    return true;
  };
  /** Writes and returns the rest that did not fit. */
  const push = (bytes: Uint8Array): Uint8Array => {
    for (let rest = bytes; ; ) {
      const taken = rest.length === 0 ? undefined : sink(rest);
      if (taken !== undefined) rest = rest.subarray(taken);
      else if (rest.length === 0 || !hasWaited()) return rest;
    }
  };
  return (text) => {
    if (isGone) return;
    const line = utf8(isCut ? `\n${text}` : text);
    try {
      const left = push(line);
      if (left.length < line.length) isCut = left.length > 0;
    } catch {
      isGone = true;
    }
  };
}

/**
 * A pipe or terminal is opened again, because the non-blocking flag would affect everyone who shares the open file. A regular
 * file never blocks, and would be opened at its beginning.
 */
function openSink(): Sink {
  const { isFile, isSocket } = statusOf(STANDARD_ERROR) ?? { isFile: false, isSocket: false };
  if (isSocket) return sendSome;
  const fd = isFile ? STANDARD_ERROR : openAgain();
  return (bytes) => atOnce(() => writeFrom(fd, bytes));
}

function atOnce(write: () => number): number | undefined {
  try {
    return write();
  } catch (thrown) {
    if (errnoName(thrown) === 'EAGAIN') return undefined;
    if (errnoName(thrown) === 'EINTR') return 0;
    throw thrown;
  }
}

/** If it cannot be opened again (another user's pipe, no /proc), it is used as it is. */
function openAgain(): number {
  try {
    return openFile(SAME_AGAIN, Open.existing | Open.neverWait | Open.noTerminal);
  } catch (thrown) {
    // A pipe without a reader.
    if (errnoName(thrown) === 'ENXIO') throw thrown;
    return STANDARD_ERROR;
  }
}

const DONT_WAIT = 0x40;
const NO_SIGNAL = 0x4000;

/** A socket cannot be opened again, but each write can be non-blocking. */
const sendSome: Sink = (bytes) => atOnce(() => platform.send(STANDARD_ERROR, bytes, DONT_WAIT | NO_SIGNAL));
