import { BLOCK_NAMES } from '../../shared/datastore/query.ts';
import { type Ref, textOf } from '../../shared/datastore/ref.ts';
import { transact } from '../../shared/datastore/transaction.ts';
import { failure } from '../../shared/error/failure.ts';
import { toFailure, withContext, withDetails } from '../../shared/error/failure-context.ts';
import { readClusterState } from '../check/cluster-state.ts';
import { isFault } from '../check/finding.ts';
import { inspect } from '../check/inspect.ts';
import { checkText } from '../check/text.ts';
import { type Command, UsageError } from '../command-line/command.ts';
import type { Context } from '../command-line/context.ts';
import { many } from '../text/numbers.ts';
import type { Exported, ExportHead } from './export-line.ts';
import { exportedFile } from './exported-file.ts';
import {
  dropObjects,
  type Imported,
  importObjects,
  isComputed,
  type LeftOut,
  locked,
  MIRRORED_KINDS,
} from './import-plan.ts';
import { importText } from './import-text.ts';

/** `calicoctl datastore migrate import`. */
export const migrateImport: Command = {
  words: 'datastore migrate import',
  summary: 'Store what another datastore has exported',
  about:
    'Checks that this datastore can hold everything, then stores it and checks all addresses. It can be repeated. The datastore ' +
    'stays locked: give the plugins its configuration, then unlock it. Status 0: all is well, 1: the check found problems.',
  options: [
    { flags: '-f, --filename <file>', summary: 'what datastore migrate export has printed' },
    { flags: '--replace', summary: 'delete what this datastore has and the file has not' },
  ],
  examples: [{ what: 'From a file', line: 'datastore migrate import -f calico.jsonl' }],
  async run(context, args) {
    const file = args.text('filename');
    if (file === undefined) throw new UsageError('--filename is missing');
    const known = await requireRoom(context, file);
    const surplus = await surplusOf(context, known);
    if (surplus.length > 0 && !args.flag('replace')) throw tooMuch(surplus);
    for (let at = 0; at < surplus.length; at += AT_ONCE)
      await transact(context, () => dropObjects(surplus.slice(at, at + AT_ONCE)));
    context.out(importText(await importAll(context, file)));
    const inspection = await inspect(context, { grace: 0, node: undefined });
    context.out(checkText(inspection, false));
    context.out(
      'The datastore is locked. When the plugins are configured to use it: calicoctl datastore migrate unlock\n',
    );
    return inspection.findings.some(isFault) ? 1 : 0;
  },
};

/** Objects read at once. */
const PAGE = 500;
/** Objects that are listed when they cannot be stored. */
const FEW = 10;

/**
 * The texts of the file's objects. Throws a Failure, before anything is written, when this datastore holds another cluster or cannot
 * hold an object.
 */
async function requireRoom(context: Context, file: string): Promise<ReadonlySet<string>> {
  const { store } = context;
  const { guid } = await readClusterState(context);
  const [blocks] = await store.read([BLOCK_NAMES], context.deadline);
  let head: ExportHead | undefined;
  const faults: string[] = [];
  const known = new Set<string>();
  for (const { ref, value } of exportedFile(file, (found) => (head = found))) {
    const refused = isComputed(ref) ? undefined : store.refusal?.({ ref, next: value });
    if (refused !== undefined) faults.push(toFailure(refused).message);
    known.add(textOf(ref));
  }
  if (guid !== '' && guid !== head?.clusterGUID && (blocks?.refs.length ?? 0) > 0)
    throw failure(
      'this datastore holds the addresses of another cluster',
      `${file} is of cluster ${head?.clusterGUID || 'without a GUID'}, here is cluster ${guid}: import into an empty datastore`,
    );
  if (faults.length === 0) return known;
  throw failure(`${faults.length} objects cannot be stored here; nothing was imported`, some(faults));
}

function some(lines: readonly string[]): string {
  const rest = lines.length > FEW ? [`… and ${lines.length - FEW} more`] : [];
  return [...lines.slice(0, FEW), ...rest].join('\n  ');
}

/** What this datastore has beside the file's objects, the last to be written first. */
async function surplusOf(context: Context, known: ReadonlySet<string>): Promise<readonly Ref[]> {
  const scan = context.openScan();
  const found: Ref[] = [];
  try {
    for (const all of MIRRORED_KINDS.toReversed()) {
      for await (const page of scan.pages({ all }, PAGE))
        found.push(...page.map(({ ref }) => ref).filter((ref) => !known.has(textOf(ref))));
    }
    return found;
  } finally {
    scan.close();
  }
}

const tooMuch = (surplus: readonly Ref[]): Error =>
  failure(
    `this datastore has ${many(surplus.length, 'object')} that the file has not; nothing was imported`,
    `${some(surplus.map(textOf))}\n  delete what is not needed, or use --replace`,
  );

/** Objects stored together. */
const AT_ONCE = 40;

async function importAll(context: Context, file: string): Promise<Imported> {
  const sum = { written: 0, unchanged: 0, leftOut: [] as LeftOut[] };
  let batch: Exported[] = [];
  const flush = async () => {
    const { written, unchanged, leftOut } = await importBatch(context, batch);
    sum.written += written;
    sum.unchanged += unchanged;
    sum.leftOut.push(...leftOut);
    batch = [];
    context.progress(`Importing … ${sum.written + sum.unchanged}`);
  };
  try {
    for (const object of exportedFile(file, () => {})) {
      const isOfOtherKind = batch[0] !== undefined && batch[0].ref.kind !== object.ref.kind;
      if (isOfOtherKind || batch.length === AT_ONCE) await flush();
      batch.push(object.ref.kind === 'ClusterInformation' ? locked(object) : object);
    }
    if (batch.length > 0) await flush();
  } finally {
    context.progress('');
  }
  return sum;
}

async function importBatch(context: Context, objects: readonly Exported[]): Promise<Imported> {
  const { refusal } = context.store;
  try {
    return await transact(context, () => importObjects(objects, refusal));
  } catch (thrown) {
    const [first] = objects;
    const where = first === undefined ? '' : ` (at ${textOf(first.ref)})`;
    throw withDetails(withContext(`the import stopped${where}`, thrown), ['run it again to continue']);
  }
}
