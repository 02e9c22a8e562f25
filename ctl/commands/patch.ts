import { transact } from '../../shared/datastore/transaction.ts';
import { failure } from '../../shared/error/failure.ts';
import { patch } from '../change/patch.ts';
import { stampOf } from '../change/stamp.ts';
import { type Args, type Command, UsageError } from '../command-line/command.ts';
import type { Context } from '../command-line/context.ts';
import { Refused } from '../resource/fault.ts';
import { objectOf } from '../resource/shape.ts';
import { parseWritten } from '../text/yaml.ts';
import { placed } from './place.ts';
import { KIND_WORDS, knownKind, NAMESPACE_OPTION } from './selection.ts';

/** `calicoctl patch`: changes some fields of a resource. */
export const patchCommand: Command = {
  words: 'patch',
  operands: '<kind> <name>',
  operand: KIND_WORDS,
  summary: 'Change some fields of a resource',
  about:
    'Objects are merged, lists are replaced, and null removes a field. In metadata, only labels and annotations can be changed.',
  options: [
    { flags: '-p, --patch <patch>', summary: 'the change, in JSON or YAML' },
    {
      flags: '-t, --type <type>',
      summary: 'both do a JSON merge',
      choices: ['strategic', 'merge'],
      fallback: 'strategic',
    },
    NAMESPACE_OPTION,
  ],
  examples: [
    { what: 'Disable a pool', line: `patch ippool old-pool -p '{"spec": {"disabled": true}}'` },
    { what: 'Label a node', line: `patch node node1 -p '{"metadata": {"labels": {"rack": "7"}}}'` },
    { what: 'Remove the label', line: `patch node node1 -p '{"metadata": {"labels": {"rack": null}}}'` },
  ],
  run,
};

async function run(context: Context, args: Args): Promise<number> {
  const [word = '', name = ''] = args.operands;
  const text = args.text('patch');
  if (text === undefined) throw new UsageError('--patch is missing');
  const [change, ...more] = parseWritten('the patch', text).map(objectOf);
  if (change === undefined || more.length > 0) throw new UsageError('the patch must be one object');
  const kind = knownKind(word);
  const named = placed(kind, { name }, { namespace: args.text('namespace'), everywhere: false });
  const stamp = stampOf(context.world);
  try {
    await transact(context, () => patch(kind, named, change, stamp));
  } catch (thrown) {
    if (!(thrown instanceof Refused)) throw thrown;
    throw failure(`Failed to patch '${kind.name}' resource: ${thrown.message}`, thrown.details, thrown);
  }
  context.out(`Successfully patched 1 '${kind.name}' resource\n`);
  return 0;
}
