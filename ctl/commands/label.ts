import { transact } from '../../shared/datastore/transaction.ts';
import { type LabelAsked, label } from '../change/label.ts';
import { stampOf } from '../change/stamp.ts';
import { type Args, type Command, UsageError } from '../command-line/command.ts';
import type { Context } from '../command-line/context.ts';
import { placed } from './place.ts';
import { KIND_WORDS, knownKind, NAMESPACE_OPTION } from './selection.ts';

/** `calicoctl label`: sets or removes one label of a resource. */
export const labelCommand: Command = {
  words: 'label',
  operands: '<kind> <name> <label>',
  operand: KIND_WORDS,
  summary: 'Set or remove a label of a resource',
  options: [
    { flags: '--overwrite', summary: 'replace another value' },
    { flags: '--remove', summary: 'remove the label of this key' },
    NAMESPACE_OPTION,
  ],
  examples: [
    { what: 'Set', line: 'label node node1 rack=7' },
    { what: 'Change', line: 'label node node1 rack=8 --overwrite' },
    { what: 'Remove', line: 'label node node1 rack --remove' },
  ],
  run,
};

async function run(context: Context, args: Args): Promise<number> {
  const [word = '', name = '', text = ''] = args.operands;
  const asked = labelAsked(text, args);
  const kind = knownKind(word);
  const named = placed(kind, { name }, { namespace: args.text('namespace'), everywhere: false });
  const stamp = stampOf(context.world);
  context.out(`${await transact(context, () => label(kind, named, asked, stamp))}\n`);
  return 0;
}

function labelAsked(text: string, args: Args): LabelAsked {
  const [key = '', value] = text.split(/=(.*)/s);
  if (key === '') throw new UsageError('a label is KEY=VALUE, or KEY with --remove');
  if (args.flag('remove')) {
    if (value !== undefined) throw new UsageError('--remove takes the key alone');
    return { key, value: undefined, overwrite: false };
  }
  if (value === undefined) throw new UsageError(`label ${key} needs a value: ${key}=VALUE, or --remove`);
  return { key, value, overwrite: args.flag('overwrite') };
}
