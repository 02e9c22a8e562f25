import { type Failure, failure } from '../error/failure.ts';
import { type Ended, runFile } from '../system/exec.ts';
import { statusOf } from '../system/files.ts';
import { pause } from '../system/pause.ts';
import type { World } from '../system/world.ts';
import { delegateFailure } from './cni-error.ts';
import type { CmdArgs } from './environment.ts';
import { quote } from './quote.ts';
import { parseJsonText, reader } from './reader.ts';
import type { Result } from './result.ts';
import { parseResult } from './result-read.ts';

/** The input of a delegate: our environment (except CNI_COMMAND) and `conf.text` as its standard input. */
export interface DelegateCall {
  readonly world: World;
  readonly cmd: Pick<CmdArgs, 'path'>;
  readonly conf: { readonly text: string };
}

const BUSY_ATTEMPTS = 6;
const BUSY_PAUSE_MS = 1000;
const TIMEOUT_MS = 60_000;

/**
 * Runs `verb` in another plugin, found in CNI_PATH, and returns its result if it prints one. Throws the plugin's own error
 * with its code, or code 999 when it prints none.
 */
export function delegate(
  verb: 'ADD' | 'DEL' | 'CHECK' | 'STATUS' | 'GC',
  type: string,
  call: DelegateCall,
): Result | undefined {
  const { world, conf } = call;
  const path = findPlugin(type, call.cmd.path);
  const ended = runPatiently(path, { ...world.env, CNI_COMMAND: verb }, conf.text);
  if (ended.status !== 0) throw pluginError(ended, path);
  if (ended.stderr !== '') world.stderr(ended.stderr);
  return verb === 'ADD' ? parseResult(ended.stdout, `result of plugin ${type}`) : undefined;
}

function findPlugin(type: string, directories: readonly string[]): string {
  if (type === '') throw failure('no plugin name provided');
  if (type.includes('/')) throw failure(`invalid plugin name: ${type}`);
  const found = directories
    .filter((directory) => directory !== '')
    .map((directory) => `${directory}/${type}`)
    .find(isFile);
  if (found !== undefined) return found;
  throw failure(`failed to find plugin ${quote(type)} in path [${directories.join(' ')}]`);
}

function isFile(path: string): boolean {
  try {
    return statusOf(path)?.isFile === true;
  } catch {
    return false;
  }
}

/** Retries while the executable is being written (ETXTBSY), as during an installation. */
function runPatiently(path: string, env: World['env'], input: string): Ended {
  for (let attempt = 1; ; attempt++) {
    const ended = runFile(path, [], { env, input, timeout: TIMEOUT_MS });
    if (ended.errno !== 'ETXTBSY' || attempt === BUSY_ATTEMPTS) return ended;
    pause(BUSY_PAUSE_MS);
  }
}

function pluginError(ended: Ended, path: string): Failure {
  const { stdout, stderr } = ended;
  if (stdout === '' && stderr === '') return failure(`netplugin failed with no error message: ${reason(ended)}`, path);
  if (stdout === '') return failure(`netplugin failed: ${quote(stderr)}`, path);
  const unreadable = (why: string) =>
    failure(`netplugin failed but error parsing its diagnostic message ${quote(stdout)}: ${why}`, path);
  const error = reader(parseJsonText(stdout, unreadable), 'Error', unreadable);
  return delegateFailure(error.natural('code'), error.text('msg'), error.text('details'));
}

const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  ENOEXEC: 'exec format error',
  ETIMEDOUT: `did not end within ${TIMEOUT_MS} ms`,
  ETXTBSY: 'text file busy',
};

function reason({ status, signal, errno }: Ended): string {
  if (errno !== undefined) return WORDS[errno] ?? errno;
  return signal === undefined ? `exit status ${status}` : `signal: ${signal}`;
}
