import { transact } from '../../shared/datastore/transaction.ts';
import { isUnavailable } from '../../shared/datastore/unavailable.ts';
import { initialise } from '../change/initialise.ts';
import { stampOf } from '../change/stamp.ts';
import { type Manner, write } from '../change/write.ts';
import type { Args, Command, Option } from '../command-line/command.ts';
import type { Context } from '../command-line/context.ts';
import type { Given } from '../documents/documents.ts';
import { each } from './each.ts';
import { resultText, type VerbForms } from './outcome.ts';
import { placed } from './place.ts';
import { FILE_OPTIONS, givenFiles, NAMESPACE_OPTION } from './selection.ts';

const VERBS: Readonly<Record<Manner, VerbForms>> = {
  create: { word: 'create', past: 'created' },
  replace: { word: 'replace', past: 'replaced' },
  apply: { word: 'apply', past: 'applied' },
};

const OPTIONS: readonly Option[] = [...FILE_OPTIONS, NAMESPACE_OPTION];
const VALIDATION = 'Missing fields get Calico’s defaults, and every resource is validated.';

/** `calicoctl create`: new resources only. */
export const create: Command = {
  words: 'create',
  summary: 'Create resources from a file',
  about: VALIDATION,
  options: [...OPTIONS, { flags: '--skip-exists', summary: 'ignore resources that already exist' }],
  examples: [
    { what: 'From a file', line: 'create -f pool.yaml' },
    { what: 'From standard input', line: 'create -f - < pool.json' },
  ],
  run: (context, args) => run(context, args, 'create'),
};

/** `calicoctl apply`: creates or replaces. */
export const apply: Command = {
  words: 'apply',
  summary: 'Create or replace resources from a file',
  about: `A resource’s spec is replaced as a whole. ${VALIDATION}`,
  options: OPTIONS,
  examples: [
    { what: 'From a file', line: 'apply -f pool.yaml' },
    { what: 'Every .yaml, .yml and .json file in a folder', line: 'apply -f manifests/' },
  ],
  run: (context, args) => run(context, args, 'apply'),
};

/** `calicoctl replace`: existing resources only. */
export const replace: Command = {
  words: 'replace',
  summary: 'Replace resources from a file',
  about: `A resource’s spec is replaced as a whole. ${VALIDATION}`,
  options: OPTIONS,
  examples: [{ what: 'An edited file', line: 'replace -f pool.yaml' }],
  run: (context, args) => run(context, args, 'replace'),
};

async function run(context: Context, args: Args, manner: Manner): Promise<number> {
  const given = givenFiles(context, args);
  const where = { namespace: args.text('namespace'), everywhere: false };
  if (given.length > 0) await prepare(context);
  const skipped = args.flag('skip-exists') ? 'exists' : undefined;
  const store = ({ kind, resource }: Given) => {
    const metadata = { ...resource.metadata, ...placed(kind, resource.metadata, where) };
    const request = { manner, kind, given: { ...resource, metadata }, stamp: stampOf(context.world) };
    return transact(context, () => write(request));
  };
  const results = await each(given, skipped, store, context.progress);
  const { out, error } = resultText(VERBS[manner], results);
  context.out(out);
  if (error !== undefined) throw error;
  return 0;
}

/** First create what every datastore needs. Users who may not write that may still write the rest. */
async function prepare(context: Context): Promise<void> {
  try {
    const stamp = stampOf(context.world);
    await transact(context, () => initialise(stamp));
  } catch (thrown) {
    if (isUnavailable(thrown)) throw thrown;
    context.log.warn('Cannot initialise the datastore', { reason: String(thrown) });
  }
}
