import { stringifyJson } from '../../shared/calico/json.ts';
import { parseObject } from '../../shared/calico/stored.ts';
import { VERSION } from '../../shared/call/version.ts';
import type { Scan } from '../../shared/datastore/datastore.ts';
import type { Entry } from '../../shared/datastore/query.ts';
import { failure } from '../../shared/error/failure.ts';
import { readClusterState } from '../check/cluster-state.ts';
import type { Command } from '../command-line/command.ts';
import type { Context } from '../command-line/context.ts';
import { many } from '../text/numbers.ts';
import { EXPORTED_KINDS, endLine, exportLine, headLine } from './export-line.ts';

/** Objects read at once. */
const PAGE = 500;

/** `calicoctl datastore migrate export`. */
export const migrateExport: Command = {
  words: 'datastore migrate export',
  summary: 'Print all data of the datastore, to import it into another',
  about:
    'Resources and addresses, one object a line, read at one revision. The datastore must be locked, so that nothing changes ' +
    'until the other one is in use. The file holds secrets that resources hold: keep it private.',
  options: [],
  examples: [{ what: 'To a file', line: 'datastore migrate export > calico.jsonl' }],
  async run(context) {
    const { guid, version, locked } = await readClusterState(context);
    if (version === '') throw failure('there is no ClusterInformation: nothing to export');
    if (!locked) throw failure('The datastore is not locked', 'lock it first: calicoctl datastore migrate lock');
    const scan = context.openScan();
    try {
      const count = await printAll(context, scan, { version: VERSION, clusterGUID: guid, revision: version });
      context.err(`Exported ${many(count, 'object')}.\n`);
      return 0;
    } finally {
      context.progress('');
      scan.close();
    }
  },
};

async function printAll(context: Context, scan: Scan, head: Parameters<typeof headLine>[0]): Promise<number> {
  let count = 0;
  context.out(headLine(head));
  for (const kind of EXPORTED_KINDS) {
    for await (const page of scan.pages({ all: kind, strays: true }, PAGE, 'unhurried')) {
      const lines = page.filter(({ oddity }) => oddity !== 'half deleted').map(lineOf);
      context.out(lines.join(''));
      count += lines.length;
      context.progress(`Exporting … ${count}`);
    }
  }
  context.out(endLine(count));
  return count;
}

/** Throws a Failure for what cannot be read: it would be missing in the other datastore. */
function lineOf({ ref, at, value }: Entry): string {
  if (ref.kind === 'unknown')
    throw failure(
      `${at} cannot be read, so it cannot be exported`,
      'calicoctl ipam check shows why; correct or delete it',
    );
  // An affinity of long ago has no value.
  return exportLine({ ref, value: value === '' ? '{}' : stringifyJson(parseObject(at, value)) });
}
