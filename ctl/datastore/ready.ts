import { transact } from '../../shared/datastore/transaction.ts';
import type { Command } from '../command-line/command.ts';
import type { Context } from '../command-line/context.ts';
import { UsageError } from '../command-line/usage-error.ts';
import { readiness, setReadiness } from './readiness.ts';

const EFFECT =
  'While it is not ready, every ADD and DEL fails with “Calico is currently not ready to process requests”, and the runtime ' +
  'repeats them; pods that run are not touched.';

/** `calicoctl datastore ready`. */
export const datastoreReady: Command = {
  words: 'datastore ready',
  operands: '[value]',
  operand: ['true', 'false'],
  summary: 'Show or set whether the plugins may use the datastore',
  about: `${EFFECT}\nWithout a value: status 0 when it is ready, 1 when it is not.`,
  options: [],
  examples: [
    { what: 'May they?', line: 'datastore ready' },
    { what: 'After an upgrade that was broken off', line: 'datastore ready true' },
  ],
  async run(context, args) {
    const [value] = args.operands;
    if (value === 'true' || value === 'false') {
      await set(context, value === 'true');
      return 0;
    }
    if (value !== undefined) throw new UsageError(`datastore ready takes true or false, not ${value}`);
    const ready = await transact(context, readiness);
    context.out(ready ? 'The datastore is ready.\n' : 'The datastore is not ready: ADD and DEL fail.\n');
    return ready ? 0 : 1;
  },
};

/** `calicoctl datastore migrate lock`, as the original spells it. */
export const datastoreLock: Command = {
  words: 'datastore migrate lock',
  summary: 'Keep the plugins from the datastore: datastore ready false',
  about: EFFECT,
  options: [],
  examples: [{ what: 'Before etcd is copied', line: 'datastore migrate lock' }],
  async run(context) {
    await set(context, false);
    context.out('Datastore locked.\n');
    return 0;
  },
};

/** `calicoctl datastore migrate unlock`, as the original spells it. */
export const datastoreUnlock: Command = {
  words: 'datastore migrate unlock',
  summary: 'Let the plugins use the datastore: datastore ready true',
  about: EFFECT,
  options: [],
  examples: [{ what: 'When it is over', line: 'datastore migrate unlock' }],
  async run(context) {
    await set(context, true);
    context.out('Datastore unlocked.\n');
    return 0;
  },
};

async function set(context: Context, ready: boolean): Promise<void> {
  const changed = await transact(context, () => setReadiness(ready));
  context.err(`ClusterInformation(default): datastoreReady ${changed ? 'is now' : 'was already'} ${ready}\n`);
}
