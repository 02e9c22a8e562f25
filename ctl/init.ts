import { mkdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { failure } from '../shared/cni/error.ts';
import { transact } from '../shared/etcd/transaction.ts';
import type { Family } from '../shared/net/address.ts';
import { parseCidr } from '../shared/net/cidr.ts';
import { fileContent } from '../shared/node-name.ts';
import type { Args, Command } from './command.ts';
import type { Context } from './context.ts';
import { initNode, initPool, type PoolAsked, type Step } from './init-plan.ts';
import { initialise } from './resource/initialise.ts';
import { stampOf } from './resource/stamp.ts';
import { UsageError } from './usage-error.ts';

const NODENAME_FOLDER = '/var/lib/calico';
const NODENAME_FILE = `${NODENAME_FOLDER}/nodename`;

/** `calicoctl init`. */
export const init: Command = {
  words: 'init',
  summary: 'Make what a new etcd needs before the first pod',
  about:
    'ClusterInformation, the pools asked for, this node’s Node resource and its nodename file. What is there stays as it is: ' +
    'init can be run again, and on every node.',
  options: [
    { flags: '--cidr <cidr>', summary: 'IPv4 pool to make' },
    { flags: '--block-size <length>', summary: 'prefix length of its blocks, 20 to 32 (default 26)' },
    { flags: '--ipv6-cidr <cidr>', summary: 'IPv6 pool to make' },
    { flags: '--ipv6-block-size <length>', summary: 'prefix length of its blocks, 116 to 128 (default 122)' },
    { flags: '--node <name>', summary: 'this node’s name; without it the nodename file’s, then the host’s' },
    { flags: '--cluster-only', summary: 'nothing for this node' },
  ],
  examples: [
    { what: 'The first node', line: 'init --cidr=192.168.0.0/16' },
    { what: 'Every further node', line: 'init' },
    { what: 'Both families, small blocks', line: 'init --cidr=10.0.0.0/16 --block-size=28 --ipv6-cidr=fd00:10::/64' },
  ],
  run,
};

async function run(context: Context, args: Args): Promise<number> {
  // All that can be refused is refused before anything is written.
  const pools = [...poolAsked(args, 4, 'cidr', 'block-size'), ...poolAsked(args, 6, 'ipv6-cidr', 'ipv6-block-size')];
  const node = args.flag('cluster-only') ? undefined : nodeAsked(args);
  const stamp = stampOf(context.world);
  const told = ({ made, what }: Step) => context.out(`${made ? 'Made' : 'Found'} ${what}\n`);
  const made = await transact(context, [], () => initialise(stamp));
  if (made.length === 0) told({ made: false, what: 'ClusterInformation(default)' });
  for (const what of made) told({ made: true, what });
  for (const pool of pools) told(await transact(context, [], () => initPool(pool, stamp)));
  if (node === undefined) return 0;
  told(await transact(context, [], () => initNode(node.name, stamp)));
  told(nameNode(node));
  return 0;
}

function poolAsked(args: Args, family: Family, option: string, sizeOption: string): readonly PoolAsked[] {
  const text = args.text(option);
  const size = args.text(sizeOption);
  if (size !== undefined && !/^\d{1,3}$/.test(size)) throw new UsageError(`--${sizeOption} wants a prefix length`);
  if (text === undefined) {
    if (size !== undefined) throw new UsageError(`--${sizeOption} goes with --${option}`);
    return [];
  }
  const cidr = parseCidr(text);
  if (cidr?.family !== family) throw new UsageError(`--${option} wants an IPv${family} network: ${text}`);
  if (!isMasked(text, cidr.text)) throw new UsageError(`--${option}: ${text} has host bits set: ${cidr.text}?`);
  return [{ cidr, blockSize: size === undefined ? undefined : Number(size) }];
}

/** Whether the address of a CIDR is its network's base. */
const isMasked = (text: string, canonical: string): boolean =>
  parseCidr(text.replace(/\/.*$/, text.includes(':') ? '/128' : '/32'))?.text.split('/')[0] === canonical.split('/')[0];

/** This node's name, and whether its file says so already. */
interface NodeAsked {
  readonly name: string;
  readonly isNamed: boolean;
}

function nodeAsked(args: Args): NodeAsked {
  const written = fileContent(NODENAME_FILE);
  const name = args.text('node') ?? (written || hostname().trim().toLowerCase());
  if (name === '') throw failure('cannot tell the name of this node', 'give it with --node');
  if (written !== '' && written !== name) {
    throw failure(
      `${NODENAME_FILE} says ${written}, not ${name}`,
      'pods may run under the old name: delete the file first if the node has none',
    );
  }
  return { name, isNamed: written !== '' };
}

function nameNode({ name, isNamed }: NodeAsked): Step {
  const what = `${NODENAME_FILE}: ${name}`;
  if (isNamed) return { made: false, what };
  try {
    mkdirSync(NODENAME_FOLDER, { recursive: true });
    writeFileSync(NODENAME_FILE, name);
  } catch (thrown) {
    throw failure(`cannot write ${NODENAME_FILE}: ${thrown instanceof Error ? thrown.message : thrown}`);
  }
  return { made: true, what };
}
