import { engineErrorOf, isUnexpected } from '../error/engine-error.ts';
import { Failure } from '../error/failure.ts';
import { toFailure } from '../error/failure-context.ts';
import { type Component, DEFAULT_LOG, openLog } from '../log/log.ts';
import { VERBS } from '../system/verb.ts';
import type { World } from '../system/world.ts';
import { toCniError } from './cni-error.ts';
import { type CmdArgs, isPlainName, readEnvironment } from './environment.ts';
import { readFlags } from './flags.ts';
import type { NetConf } from './netconf.ts';
import { netConfOf } from './netconf-read.ts';
import { printJson } from './print-json.ts';
import { type FaultToError, parseJsonText, reader } from './reader.ts';
import type { Result } from './result.ts';
import { formatResult } from './result-format.ts';
import { NEWEST, requireVerb, requireVersion } from './version.ts';

/** One call, as a verb sees it. */
export interface Call {
  readonly world: World;
  readonly cmd: CmdArgs;
  readonly conf: NetConf;
}

/**
 * Prints an ADD's result. Throws code 5 when it cannot be written: then the runtime does not know what was made, and the ADD
 * undoes it as after any other failure.
 */
export type WriteAnswer = (result: Result) => void;

/** A plugin for the skeleton to run: its verbs, and its description. */
export interface Verbs {
  /** First line on stderr when no CNI_COMMAND is given. */
  readonly about: string;
  readonly component: Component;
  readonly supported: readonly string[];
  /** The result format for a configuration without cniVersion (which otherwise counts as 0.1.0). */
  readonly unversioned: '0.1.0' | '0.2.0';
  /** Passes its result to `answer`, as the last step that may fail. */
  add(call: Call, answer: WriteAnswer): Promise<void>;
  del(call: Call): Promise<void>;
  check(call: Call): Promise<void>;
  status(call: Call): Promise<void>;
  gc(call: Call): Promise<void>;
  /** Called when a call has ended, with the code of its error, or 0. Never throws. */
  ended(call: Call, command: string, code: number): Promise<void>;
}

/** An executable's own flags, each with a description; `v` is handled here. */
export interface Flags {
  readonly name: string;
  readonly version: string;
  readonly known: Readonly<Record<string, string>>;
}

/** Handles -v, -h and unknown flags: the exit status. Otherwise the executable's own flag that was set, if any. */
export function serveFlags(
  world: World,
  { name, version, known }: Flags,
): { readonly status: number } | { readonly flag: string | undefined } {
  const flags = readFlags(world.argv, name, known);
  if ('usage' in flags) {
    world.stderr(flags.usage);
    return { status: flags.status };
  }
  if (flags.flag !== 'v') return flags;
  world.stdout(`${version}\n`);
  return { status: 0 };
}

/** Runs the call that the environment describes; returns the exit status. */
export async function serve(world: World, verbs: Verbs): Promise<number> {
  return conclude(world, () => answer(world, verbs));
}

/** Prints what `work` returns, or its failure as a CNI error object; returns the exit status. */
export async function conclude(world: World, work: () => Promise<string>): Promise<number> {
  try {
    const text = await work();
    if (text !== '') world.stdout(text);
    return 0;
  } catch (thrown) {
    return refuse(world, thrown);
  }
}

/** The error object for when none can be made any more. */
export const LAST_WORDS = printJson({
  code: 999,
  msg: 'internal error: the process could not go on',
  details: 'it ran out of memory, or has a fault: see the limits on memory of the process that started it, and its log',
});

/** Prints an error object for anything that was thrown; returns the exit status. */
export function refuse(world: World, thrown: unknown): number {
  const { code, message, details } = toCniError(thrown);
  try {
    world.stdout(printJson({ code, msg: message, ...(details && { details }) }));
  } catch (unwritable) {
    // Without memory for the text, the words prepared at the start are left.
    if (isUnexpected(unwritable)) throw unwritable;
    world.stderr(`Error writing error JSON to stdout: ${toFailure(unwritable).message}\n`);
  }
  return 1;
}

/** What to print on stdout on success. */
async function answer(world: World, verbs: Verbs): Promise<string> {
  const command = world.env['CNI_COMMAND'] ?? '';
  if (command === '') return introduce(world, verbs);
  if (command === 'VERSION') {
    return `${JSON.stringify({ cniVersion: NEWEST, supportedVersions: verbs.supported })}\n`;
  }
  let log = openLog(world, DEFAULT_LOG, verbs.component);
  let step = 'reading the environment';
  let call: Call | undefined;
  try {
    const cmd = readEnvironment(world.env, command);
    step = 'reading the configuration on stdin';
    const text = world.stdin();
    const json = parseNamed(text);
    admit(command, json, verbs.supported);
    const conf = netConfOf(json, text);
    log = openLog(world, conf.log, verbs.component).with({ ContainerID: cmd.containerID });
    step = `serving ${command}`;
    call = { world, cmd, conf };
    await perform(command, verbs, call);
    await verbs.ended(call, command, 0);
    return '';
  } catch (thrown) {
    const failed = toFailure(thrown, step);
    const { code, message, details = '' } = toCniError(failed);
    log.error(message, { command, code, ...(details && { details }) });
    const engine = engineErrorOf(failed);
    if (engine !== undefined) {
      log.debug('Unexpected', { error: `${engine.name}: ${engine.message}`, stack: engine.stack ?? '' });
    }
    if (call !== undefined) await verbs.ended(call, command, code);
    throw failed;
  }
}

function introduce(world: World, verbs: Verbs): string {
  world.stderr(`${verbs.about}\nCNI protocol versions supported: ${verbs.supported.join(', ')}\n`);
  return '';
}

function undecodable(what: string): FaultToError {
  return (why) => new Failure('cannot decode', `${what}: ${why}`);
}

/** Parses a configuration and makes the checks that are the same for every plugin. */
function parseNamed(text: string): unknown {
  const refusal = undecodable('error unmarshall network config');
  const json = parseJsonText(text, refusal);
  const name = reader(json, '', refusal).text('name');
  if (name === '') throw new Failure('invalid network configuration', 'missing network name');
  if (isPlainName(name)) return json;
  throw new Failure('invalid network configuration', 'invalid characters found in network name', { where: name });
}

function versionOf(json: unknown): string {
  return reader(json, '', undecodable('decoding version from network config')).text('cniVersion') || '0.1.0';
}

/** The version that introduced each verb. */
const SINCE: Readonly<Record<string, string>> = { CHECK: '0.4.0', STATUS: '1.1.0', GC: '1.1.0' };

/** Refuses an unknown verb (code 4), and one that the configuration's version does not have (code 1). */
function admit(command: string, json: unknown, supported: readonly string[]): void {
  if (!VERBS.includes(command)) {
    throw new Failure('invalid environment', `unknown CNI_COMMAND: ${command}`);
  }
  const version = versionOf(json);
  const since = SINCE[command];
  if (since !== undefined) requireVerb(command, since, version, supported);
  requireVersion(version, supported);
}

async function perform(command: string, verbs: Verbs, call: Call): Promise<void> {
  if (command === 'ADD') await verbs.add(call, printer(call, verbs));
  if (command === 'DEL') await verbs.del(call);
  if (command === 'CHECK') await verbs.check(call);
  if (command === 'STATUS') await verbs.status(call);
  if (command === 'GC') await verbs.gc(call);
}

function printer({ world, conf }: Call, { unversioned }: Verbs): WriteAnswer {
  return (result) => {
    const text = formatResult(result, conf.cniVersion || unversioned);
    try {
      world.stdout(text);
    } catch (thrown) {
      if (isUnexpected(thrown)) throw thrown;
      const where = toFailure(thrown).message;
      throw new Failure('input or output failed', 'error writing the result to stdout', { where, cause: thrown });
    }
  };
}
