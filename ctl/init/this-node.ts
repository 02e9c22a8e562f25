import { fileContent, hostName } from '../../shared/call/node-name.ts';
import { failure } from '../../shared/error/failure.ts';
import type { Family } from '../../shared/net/address.ts';
import { makeFolder, writeText } from '../../shared/system/files.ts';
import type { Args } from '../command-line/command.ts';
import { UsageError } from '../command-line/usage-error.ts';
import { hostAddresses } from './host-addresses.ts';
import type { AddressAsked } from './node.ts';
import { detectAddress, givenAddress, type HostAddresses } from './node-address.ts';
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

function addressAsked(args: Args, host: HostAddresses, family: Family, option: string): AddressAsked {
  const text = args.text(option) ?? AUTODETECT;
  if (text === 'none') return { family, by: 'none', chosen: undefined };
  if (text === AUTODETECT) return { family, by: 'found', chosen: detectAddress(host, family) };
  const chosen = givenAddress(host, family, text);
  if (chosen !== undefined) return { family, by: 'given', chosen };
  throw new UsageError(
    `--${option} must be an IPv${family} address that other nodes can reach, autodetect or none: ${text}`,
  );
}

/** The node of a command line. Throws when its name or an address is invalid. */
export function nodeHere(args: Args): NodeHere {
  const written = fileContent(NODENAME_FILE);
  const name = args.text('node') ?? (written || hostName());
  if (name === '') throw failure('cannot determine the name of this node', 'set it with --node');
  if (written !== '' && written !== name) {
    throw failure(
      `${NODENAME_FILE} says ${written}, not ${name}`,
      'pods may be running under the old name: delete the file first if the node has no pods',
    );
  }
  const host = hostAddresses();
  const addresses = [addressAsked(args, host, 4, 'ip'), addressAsked(args, host, 6, 'ip6')];
  return { name, addresses, isNamed: written !== '' };
}

/** Writes the nodename file unless it exists. */
export function nameNode({ name, isNamed }: NodeHere): InitStep {
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
