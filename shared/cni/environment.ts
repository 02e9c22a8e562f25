import { utf8Length } from '../bytes/text.ts';
import { Failure } from '../error/failure.ts';

/** What a runtime passes for one call in the CNI_* variables. */
export interface CmdArgs {
  readonly containerID: string;
  /** '' when not given (DEL). */
  readonly netns: string;
  readonly ifName: string;
  /** CNI_ARGS, unparsed. */
  readonly args: string;
  /** CNI_PATH, split. */
  readonly path: readonly string[];
  /** CNI_NETNS_OVERRIDE: CNI_NETNS may be the plugin's own namespace. */
  readonly netnsOverride: boolean;
}

interface Variable {
  readonly name: string;
  readonly requiredFor: readonly string[];
  /** Throws when the value of a required variable is invalid. */
  readonly validate?: (value: string) => void;
}

const ATTACHMENT = ['ADD', 'CHECK', 'DEL'];

// Missing variables are listed, and bad ones reported, in this order.
const VARIABLES: readonly Variable[] = [
  { name: 'CNI_CONTAINERID', requiredFor: ATTACHMENT, validate: validateContainerID },
  { name: 'CNI_NETNS', requiredFor: ['ADD', 'CHECK'] },
  { name: 'CNI_IFNAME', requiredFor: ATTACHMENT, validate: validateInterfaceName },
  { name: 'CNI_PATH', requiredFor: [...ATTACHMENT, 'GC', 'STATUS'] },
];

function invalid(what: string, where?: string): Failure {
  return new Failure('invalid environment', what, { where });
}

/** Whether a container ID or network name has only the characters the specification allows. */
export function isPlainName(text: string): boolean {
  return /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(text);
}

function validateContainerID(id: string): void {
  if (!isPlainName(id)) throw invalid('invalid characters in containerID', id);
}

function validateInterfaceName(name: string): void {
  if (utf8Length(name) > 15) {
    throw invalid('interface name is too long', 'interface name should be less than 16 characters');
  }
  if (name === '.' || name === '..') throw invalid('interface name is . or ..');
  if (/[/:\s\u0085]/.test(name)) throw invalid('interface name contains / or : or whitespace characters');
}

/** The arguments for a `command`; throws code 4 naming what is missing, or the first invalid value. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>, command: string): CmdArgs {
  const value = (name: string) => env[name] ?? '';
  checkVariables(value, command);
  return {
    containerID: value('CNI_CONTAINERID'),
    netns: value('CNI_NETNS'),
    ifName: value('CNI_IFNAME'),
    args: value('CNI_ARGS'),
    path: value('CNI_PATH') === '' ? [] : value('CNI_PATH').split(':'),
    netnsOverride: ['1', 'true'].includes(value('CNI_NETNS_OVERRIDE').toLowerCase()),
  };
}

function checkVariables(value: (name: string) => string, command: string): void {
  const missing: string[] = [];
  for (const { name, validate } of VARIABLES.filter(({ requiredFor }) => requiredFor.includes(command))) {
    if (value(name) === '') missing.push(name);
    else validate?.(value(name));
  }
  if (missing.length > 0) throw invalid(`required env variables [${missing.join(',')}] missing`);
}
