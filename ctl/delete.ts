import { transact } from '../shared/etcd/transaction.ts';
import { type Args, type Command, UsageError } from './command.ts';
import type { Context } from './context.ts';
import { type Asked, FILE_OPTIONS, KIND_WORDS, NAMESPACE_OPTION, whatIsAsked } from './resource/asked.ts';
import { deleteNode } from './resource/delete-node.ts';
import { deletePool } from './resource/delete-pool.ts';
import { each } from './resource/each.ts';
import { told } from './resource/outcome.ts';
import { placed } from './resource/place.ts';
import { remove, requireDeletable } from './resource/remove.ts';

/** `calicoctl delete`: resources by kind and name, or those that a file names. */
export const deleteCommand: Command = {
  words: 'delete',
  operands: '[kind] [names...]',
  operand: KIND_WORDS,
  summary: 'Delete resources',
  about:
    'A pool is taken out of use first and its blocks are given up; pods keep their addresses.\nWith a node go its endpoints, their addresses, and its claims on blocks.',
  options: [
    ...FILE_OPTIONS,
    NAMESPACE_OPTION,
    { flags: '-s, --skip-not-exists', summary: 'what does not exist is no error' },
  ],
  examples: [
    { what: 'A pool', line: 'delete ippool old-pool' },
    { what: 'A node that is gone for good', line: 'delete node node7' },
    { what: 'What a file names', line: 'delete -f pool.yaml' },
  ],
  run,
};

async function run(context: Context, args: Args): Promise<number> {
  const where = { namespace: args.text('namespace'), everywhere: false };
  const asked = whatIsAsked(context, args);
  if (asked.some(({ named }) => named.name === '')) throw new UsageError('resource name may not be empty');
  const skipped = args.flag('skip-not-exists') ? 'missing' : undefined;
  const drop = (one: Asked) => deleteOne(context, { ...one, named: placed(one.kind, one.named, where) });
  const results = await each(asked, skipped, drop, context.progress);
  const { out, error } = told({ word: 'delete', past: 'deleted' }, results);
  context.out(out);
  if (error !== undefined) throw error;
  return 0;
}

async function deleteOne(context: Context, asked: Asked): Promise<void> {
  const { kind, named, version } = asked;
  requireDeletable(kind);
  if (kind.name === 'IPPool') return deletePool(context, asked);
  if (kind.name === 'Node') return deleteNode(context, asked);
  await transact(context, [], () => remove(kind, named, version));
}
