import { fileContent, hostName } from '../../shared/call/node-name.ts';
import { NODENAME_FILE } from '../../shared/cni/netconf-read.ts';
import { failure } from '../../shared/error/failure.ts';
import { folderOf } from '../../shared/system/file-name.ts';
import { makeFolder, writeText } from '../../shared/system/files.ts';
import type { Args } from '../command-line/command.ts';
import type { Context } from '../command-line/context.ts';
import { UsageError } from '../command-line/usage-error.ts';
import { ADDRESS_OPTION, type AddressSetting, AUTODETECT, addressSetting } from './address-setting.ts';
import { type AddressSources, findAddress } from './find-address.ts';
import { hostAddresses } from './host-addresses.ts';
import { internalIps } from './internal-ips.ts';
import type { AddressAsked } from './node.ts';
import { type Chosen, givenAddress } from './node-address.ts';
import type { InitStep } from './plan.ts';

/** This node's name, and whether the nodename file says so already. */
export interface NodeName {
  readonly name: string;
  readonly isNamed: boolean;
}

/** A node with its addresses. */
export interface NodeHere extends NodeName {
  readonly addresses: readonly AddressAsked[];
}

/** The address that is given. Throws when other nodes cannot reach it. */
export function addressGiven({ host }: AddressSources, { family, text }: AddressSetting): Chosen {
  const chosen = givenAddress(host, family, text);
  if (chosen !== undefined) return chosen;
  throw new UsageError(
    `--${ADDRESS_OPTION[family]} must be an IPv${family} address that other nodes can reach, autodetect or none: ${text}`,
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
export function nameHere(given: string | undefined, option = '--node'): NodeName {
  const written = fileContent(NODENAME_FILE);
  const name = given ?? (written || hostName());
  if (name === '') throw failure('cannot determine the name of this node', `set it with ${option}`);
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
export function nameNode({ name, isNamed }: NodeName): InitStep {
  const what = `${NODENAME_FILE}: ${name}`;
  if (isNamed) return { made: false, what };
  try {
    makeFolder(folderOf(NODENAME_FILE), 0o755);
    writeText(NODENAME_FILE, name);
  } catch (thrown) {
    throw failure(`cannot write ${NODENAME_FILE}: ${thrown instanceof Error ? thrown.message : thrown}`);
  }
  return { made: true, what };
}
