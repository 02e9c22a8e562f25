import { platform } from '#platform';
import { fromUtf8, utf8 } from '../bytes/text.ts';
import { isUnexpected } from '../error/engine-error.ts';
import { Failure, failure } from '../error/failure.ts';
import { toFailure } from '../error/failure-context.ts';
import { errnoName } from './errno.ts';
import { readInto, readRest, writeFrom } from './files.ts';
import { pause } from './pause.ts';
import { droppingStderr } from './standard-error.ts';
import type { World } from './world.ts';

/** Writes lines to standard error. The result, on standard output, waits for its reader as long as it takes. */
type WriteError = (text: string) => void;

/** Reports an error to the user; returns the exit status. */
type Complain = (world: World, thrown: unknown) => number;

/** The real world of this process. */
export function processWorld(stderr: WriteError = droppingStderr()): World {
  return {
    env: platform.env,
    argv: platform.argv.slice(1),
    stdin: () => fromUtf8(readStdin()),
    stdinBytes: readStdin,
    stdout(text) {
      writeAll(1, text);
      // The reader has an answer; a second one would spoil it.
      platform.setLastWords('', 1);
    },
    stderr,
    stderrIsTerminal: () => platform.isTerminal(2),
    now: () => platform.now(),
    elapsed: () => platform.elapsed(),
    random: (bytes) => platform.random(bytes),
  };
}

/**
 * Runs `work` and ends the process with the exit status it returns. For any error outside of it, be it an exception in a
 * callback or a wait that can never end, `complain` reports it and returns the exit status. `lastWords` go to standard output
 * when not even that is possible: without memory, or when the process crashes.
 */
export function runProcess(
  work: (world: World) => Promise<number>,
  complain: Complain,
  world: World = processWorld(),
  lastWords = '',
): void {
  const prepared = utf8(lastWords);
  platform.setLastWords(lastWords, 1);
  const fail = (thrown: unknown) => {
    try {
      platform.exit(complain(world, thrown));
    } catch {
      platform.write(1, prepared);
      platform.exit(1);
    }
  };
  platform.onUncaught(fail);
  platform.onIdle(() => fail(failure('the process ended without a result')));
  work(world).then((status) => platform.exit(status), fail);
}

/** Repeats `step`, which may be non-blocking, while the other end is not ready (EAGAIN), with pauses between attempts. */
function whenReady<T>(step: () => T): T {
  for (let waited = 0; ; ) {
    try {
      return step();
    } catch (thrown) {
      if (errnoName(thrown) === 'EINTR') continue;
      if (errnoName(thrown) !== 'EAGAIN') throw thrown;
    }
    // Short waits first, as the data is usually on its way; then long ones, which cost nothing.
    const ms = waited < 20 ? 1 : 10;
    pause(ms);
    waited += ms;
  }
}

function readStdin(): Uint8Array {
  const read = (fd: number, buffer: Uint8Array) => whenReady(() => readInto(fd, buffer));
  try {
    return readRest(0, read);
  } catch (thrown) {
    // Closed by the caller: there is nothing to read. The parser of the text gives a better error.
    if (errnoName(thrown) === 'EBADF') return new Uint8Array(0);
    if (isUnexpected(thrown)) throw thrown;
    const what = `error reading from stdin: ${toFailure(thrown).message}`;
    throw new Failure('input or output failed', what, { cause: thrown });
  }
}

function writeAll(fd: number, text: string): void {
  let rest: Uint8Array = utf8(text);
  while (rest.length > 0) {
    const pending = rest;
    rest = rest.subarray(whenReady(() => writeFrom(fd, pending)));
  }
}

/** Standard error of an interactive tool: it waits for its reader, like any program's. */
export function blockingStderr(text: string): void {
  try {
    writeAll(2, text);
  } catch {
    // No reader: not a reason to fail.
  }
}
