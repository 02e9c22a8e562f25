import { fileContent, hostName } from '../../shared/call/node-name.ts';
import { failure } from '../../shared/error/failure.ts';
import type { Family } from '../../shared/net/address.ts';
import { makeFolder, writeText } from '../../shared/system/files.ts';
import type { Args } from '../command-line/command.ts';
import type { Context } from '../command-line/context.ts';
import { UsageError } from '../command-line/usage-error.ts';
import { type DetectionMethod, METHOD_OPTION, METHOD_VARIABLE, METHODS, readMethod } from './detection-method.ts';
import { findAddress, type AddressSources } from './find-address.ts';
import { hostAddresses } from './host-addresses.ts';
import { internalIps } from './internal-ips.ts';
import type { AddressAsked } from './node.ts';
import { type Chosen, givenAddress } from './node-address.ts';
import type { InitStep } from './plan.ts';

const NODENAME_FOLDER = '/var/lib/calico';
const NODENAME_FILE = `${NODENAME_FOLDER}/nodename`;

/** The value of --ip and --ip6 for finding the address. */
export const AUTODETECT = 'autodetect';

/** This node's name, its addresses, and whether the nodename file says so already. */
export interface NodeHere {
  readonly name: string;
  readonly addresses: readonly AddressAsked[];
  readonly isNamed: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** What a command line, or else the environment, says of a Node's address. */
export interface AddressSetting {
  readonly family: Family;
  /** An address, `autodetect`, `none`, or '' when nothing is said. */
  readonly text: string;
  readonly method: DetectionMethod;
}

const OPTION: Readonly<Record<Family, string>> = { 4: 'ip', 6: 'ip6' };
const VARIABLE: Readonly<Record<Family, string>> = { 4: 'IP', 6: 'IP6' };

/** Reads it. Throws when it is a method that is not known. */
export function addressSetting(args: Args, env: Environment, family: Family): AddressSetting {
  const text = args.text(OPTION[family]) ?? env[VARIABLE[family]] ?? '';
  const [option, variable] = [METHOD_OPTION[family], METHOD_VARIABLE[family]];
  const named = args.text(option) ?? env[variable] ?? '';
  const method = readMethod(named);
  if (method !== undefined) return { family, text, method };
  const where = args.text(option) === undefined ? variable : `--${option}`;
  throw new UsageError(`${where}: Invalid IP autodetection method: ${named}\nIt must be one of: ${METHODS}`);
}

/** The address that is given. Throws when other nodes cannot reach it. */
export function addressGiven({ host }: AddressSources, { family, text }: AddressSetting): Chosen {
  const chosen = givenAddress(host, family, text);
  if (chosen !== undefined) return chosen;
  throw new UsageError(
    `--${OPTION[family]} must be an IPv${family} address that other nodes can reach, autodetect or none: ${text}`,
  );
}

async function addressAsked(around: AddressSources, setting: AddressSetting): Promise<AddressAsked> {
  const { family, text, method } = setting;
  if (text === 'none') return { family, by: 'none', chosen: undefined };
  if (text === AUTODETECT || text === '') {
    return { family, by: 'found', chosen: await findAddress(around, family, method) };
  }
  return { family, by: 'given', chosen: addressGiven(around, setting) };
}

/** This node's name, and whether the nodename file says so already. Throws when they differ. */
export function nameHere(given: string | undefined): Omit<NodeHere, 'addresses'> {
  const written = fileContent(NODENAME_FILE);
  const name = given ?? (written || hostName());
  if (name === '') throw failure('cannot determine the name of this node', 'set it with --node');
  if (written !== '' && written !== name) {
    throw failure(
      `${NODENAME_FILE} says ${written}, not ${name}`,
      'pods may be running under the old name: delete the file first if the node has no pods',
    );
  }
  return { name, isNamed: written !== '' };
}

/** What addresses are found in; Kubernetes is only asked where a method needs it. */
export async function surroundings(
  context: Parameters<typeof internalIps>[0],
  node: string,
  settings: readonly AddressSetting[],
): Promise<AddressSources> {
  const isAsked = settings.some(({ method }) => method.by === 'kubernetes-internal-ip');
  return { host: hostAddresses(), internalIps: isAsked ? await internalIps(context, node) : undefined };
}

/** The node of a command line. Throws when its name or an address is invalid. */
export async function nodeHere(context: Context, args: Args): Promise<NodeHere> {
  const named = nameHere(args.text('node'));
  const settings = ([4, 6] as const).map((family) => addressSetting(args, context.world.env, family));
  const around = await surroundings(context, named.name, settings);
  const addresses = await Promise.all(settings.map((setting) => addressAsked(around, setting)));
  return { ...named, addresses };
}

/** Writes the nodename file unless it exists. */
export function nameNode({ name, isNamed }: Omit<NodeHere, 'addresses'>): InitStep {
  const what = `${NODENAME_FILE}: ${name}`;
  if (isNamed) return { made: false, what };
  try {
    makeFolder(NODENAME_FOLDER, 0o755);
    writeText(NODENAME_FILE, name);
  } catch (thrown) {
    throw failure(`cannot write ${NODENAME_FILE}: ${thrown instanceof Error ? thrown.message : thrown}`);
  }
  return { made: true, what };
}
