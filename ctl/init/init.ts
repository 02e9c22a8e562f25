import type { Datastore } from '../../shared/datastore/datastore.ts';
import { transact } from '../../shared/datastore/transaction.ts';
import type { Outcome, Plan } from '../../shared/datastore/view.ts';
import type { Family } from '../../shared/net/address.ts';
import { parseCidr } from '../../shared/net/cidr.ts';
import { initialise } from '../change/initialise.ts';
import { stampOf } from '../change/stamp.ts';
import type { Args, Command } from '../command-line/command.ts';
import type { Context } from '../command-line/context.ts';
import { UsageError } from '../command-line/usage-error.ts';
import { METHODS } from './detection-method.ts';
import { initNode, type NodeMade } from './node.ts';
import { type InitStep, initPool, type PoolAsked } from './plan.ts';
import { type NodeHere, nameNode, nodeHere } from './this-node.ts';

/** `calicoctl init`. */
export const init: Command = {
  words: 'init',
  summary: 'Set up a new cluster before the first pod',
  about:
    'Creates ClusterInformation, the given pools, this node’s Node resource and its nodename file. What exists is left unchanged: ' +
    'run init again at any time, and on every node. Unless an address or a method is given, the node’s address is taken from the ' +
    'interface of the default route; an IPv6 address is set only if there is an IPv6 pool. The variables IP, IP6, ' +
    'IP_AUTODETECTION_METHOD and IP6_AUTODETECTION_METHOD of calico/node stand for the options.',
  options: [
    { flags: '--cidr <cidr>', summary: 'IPv4 pool to create' },
    { flags: '--block-size <length>', summary: 'prefix length of its blocks, 20 to 32 (default 26)' },
    { flags: '--ipv6-cidr <cidr>', summary: 'IPv6 pool to create' },
    { flags: '--ipv6-block-size <length>', summary: 'prefix length of its blocks, 116 to 128 (default 122)' },
    { flags: '--node <name>', summary: 'this node’s name (default: the nodename file, then the host name)' },
    {
      flags: '--ip <address>',
      summary: 'this node’s IPv4 address, e.g. 10.0.0.1 or 10.0.0.1/24; autodetect (default), none',
    },
    { flags: '--ip6 <address>', summary: 'this node’s IPv6 address; autodetect (default), none' },
    { flags: '--ip-autodetection-method <method>', summary: `how the IPv4 address is found: ${METHODS}` },
    { flags: '--ip6-autodetection-method <method>', summary: 'the same for IPv6' },
    { flags: '--cluster-only', summary: 'skip everything about this node' },
  ],
  examples: [
    { what: 'The first node', line: 'init --cidr=192.168.0.0/16' },
    { what: 'Every further node', line: 'init' },
    { what: 'A node with several addresses', line: 'init --ip=10.0.0.7/24' },
    { what: 'Both families, small blocks', line: 'init --cidr=10.0.0.0/16 --block-size=28 --ipv6-cidr=fd00:10::/64' },
  ],
  run,
};

async function run(context: Context, args: Args): Promise<number> {
  // Refuse whatever can be refused before anything is written.
  const pools = [...poolAsked(args, 4, 'cidr', 'block-size'), ...poolAsked(args, 6, 'ipv6-cidr', 'ipv6-block-size')];
  const node = args.flag('cluster-only') ? undefined : await nodeHere(context, args);
  const stamp = stampOf(context.world);
  const ipv6 = pools.some(({ cidr }) => cidr.family === 6);
  const decideNode = (wanted: NodeHere) => initNode({ ...wanted, ipv6 }, stamp);
  if (node !== undefined) await transact(context, () => looking(decideNode(node), context.store.refusal));
  const report = ({ made, what }: InitStep) => context.out(`${made ? 'Made' : 'Found'} ${what}\n`);
  const made = await transact(context, () => initialise(stamp));
  if (made.length === 0) report({ made: false, what: 'ClusterInformation(default)' });
  for (const what of made) report({ made: true, what });
  for (const pool of pools) report(await transact(context, () => initPool(pool, stamp)));
  if (node === undefined) return 0;
  reportNode(context, await transact(context, () => decideNode(node)), report);
  report(nameNode(node));
  return 0;
}

function poolAsked(args: Args, family: Family, option: string, sizeOption: string): readonly PoolAsked[] {
  const text = args.text(option);
  const size = args.text(sizeOption);
  if (size !== undefined && !/^\d{1,3}$/.test(size)) throw new UsageError(`--${sizeOption} must be a prefix length`);
  if (text === undefined) {
    if (size !== undefined) throw new UsageError(`--${sizeOption} needs --${option}`);
    return [];
  }
  const cidr = parseCidr(text);
  if (cidr?.family !== family) throw new UsageError(`--${option} must be an IPv${family} network: ${text}`);
  if (!isMasked(text, cidr.text)) throw new UsageError(`--${option}: ${text} has host bits set: ${cidr.text}?`);
  return [{ cidr, blockSize: size === undefined ? undefined : Number(size) }];
}

/** Whether a CIDR has no host bits set. */
const isMasked = (text: string, canonical: string): boolean =>
  parseCidr(text.replace(/\/.*$/, text.includes(':') ? '/128' : '/32'))?.text.split('/')[0] === canonical.split('/')[0];

/** A decision without its changes. Throws when the datastore would refuse one of them. */
function* looking<T>(plan: Plan<Outcome<T>>, refusal: Datastore['refusal']): Plan<Outcome<undefined>> {
  const { changes } = yield* plan;
  const refused = changes.map((change) => refusal?.(change)).find((thrown) => thrown !== undefined);
  if (refused !== undefined) throw refused;
  return { changes: [], answer: undefined };
}

function reportNode(context: Context, { steps, lacking }: NodeMade, report: (step: InitStep) => void): void {
  for (const step of steps) report(step);
  for (const family of lacking) {
    const option = family === 4 ? '--ip' : '--ip6';
    context.err(
      `No IPv${family} address was found on this machine: set one with ${option}=ADDRESS, or use ${option}=none\n`,
    );
  }
}
