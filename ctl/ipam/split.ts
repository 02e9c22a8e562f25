import { transact } from '../../shared/datastore/transaction.ts';
import { remove } from '../change/remove.ts';
import { stampOf } from '../change/stamp.ts';
import type { Args, Command } from '../command-line/command.ts';
import { UsageError } from '../command-line/usage-error.ts';
import { kindOf } from '../kinds/kinds.ts';
import { makeParts, partsOfPool, type SplitAsked } from './split-pool.ts';

/** Pools that are made at once: etcd takes 128 operations in a transaction. */
const AT_ONCE = 50;

/** `calicoctl ipam split`. */
export const ipamSplit: Command = {
  words: 'ipam split',
  operands: '<number>',
  summary: 'Split a pool into smaller ones',
  about:
    'Makes pools NAME-0, NAME-1 … of equal size with the settings of the pool, and then deletes the pool. Blocks and the addresses of ' +
    'pods stay as they are. The datastore must be locked. It can be repeated after an interruption. What names the old pool, such as ' +
    'ipv4_pools and the annotation cni.projectcalico.org/ipv4pools, must name the new ones afterwards.',
  options: [
    { flags: '--cidr <cidr>', summary: 'the CIDR of the pool' },
    { flags: '--name <name>', summary: 'the name of the pool' },
  ],
  examples: [{ what: 'Four pools in place of one', line: 'ipam split 4 --cidr=172.16.0.0/16' }],
  async run(context, args) {
    const kind = kindOf('IPPool');
    const asked = readAsked(args);
    const { pool, parts } = await transact(context, () => partsOfPool(asked));
    for (let at = 0; at < parts.length; at += AT_ONCE) {
      const some = parts.slice(at, at + AT_ONCE);
      const made = await transact(context, () => makeParts(kind, pool, some, stampOf(context.world)));
      context.out(made.map(({ name, cidr }) => `Made IPPool(${name}) ${cidr.text}\n`).join(''));
    }
    await transact(context, () => remove(kind, { name: pool.name }));
    context.out(`Deleted IPPool(${pool.name}) ${pool.cidr.text}\n`);
    return 0;
  },
};

function readAsked(args: Args): SplitAsked {
  const [number = ''] = args.operands;
  const [cidr, name] = [args.text('cidr'), args.text('name')];
  if (!/^\d{1,6}$/.test(number)) throw new UsageError(`the number of parts must be a number, not ${number}`);
  if ((cidr === undefined) === (name === undefined)) throw new UsageError('ipam split needs either --cidr or --name');
  return { pool: cidr ?? name ?? '', count: Number(number) };
}
