import { storedReader } from '../../shared/calico/stored.ts';
import { VERSION } from '../../shared/call/version.ts';
import type { Reader } from '../../shared/cni/reader.ts';
import { get } from '../../shared/datastore/query.ts';
import { CLUSTER_INFORMATION } from '../../shared/datastore/ref.ts';
import { failure } from '../../shared/error/failure.ts';
import { toFailure } from '../../shared/error/failure-context.ts';
import { failureText } from '../../shared/error/failure-text.ts';
import type { Args, Command } from '../command-line/command.ts';
import type { Context } from '../command-line/context.ts';

/** `calicoctl version`: this program's, and the cluster's if the datastore can be read. */
export const version: Command = {
  words: 'version',
  summary: 'Print the versions of this program and of the cluster',
  options: [{ flags: '--client', summary: 'this program only' }],
  examples: [
    { what: 'This program and the cluster', line: 'version' },
    { what: 'Without connecting to the datastore', line: 'version --client' },
  ],
  run,
};

async function run(context: Context, args: Args): Promise<number> {
  context.out(`Client Version:    ${VERSION}\n`);
  if (args.flag('client')) return 0;
  try {
    const [answer] = await context.store.read([get(CLUSTER_INFORMATION)], context.deadline);
    const entry = answer?.entries[0];
    if (entry === undefined)
      throw failure('there is no ClusterInformation', 'set up a new cluster with: calicoctl init');
    context.out(clusterText(storedReader(entry.at, entry.value, 'ClusterInformation').object('spec')));
    return 0;
  } catch (thrown) {
    context.err(failureText(toFailure(thrown), 'Unable to retrieve Cluster Version or Type: '));
    return 1;
  }
}

/** calico/node writes version and type when it starts; `calicoctl init`, as the original calicoctl, only the id. */
function clusterText(spec: Reader): string {
  const [version, type] = [spec.text('calicoVersion'), spec.text('clusterType')];
  return [
    `Cluster Version:   ${version || 'none: calico/node, which writes it, has not started yet'}\n`,
    ...(type === '' && version === '' ? [] : [`Cluster Type:      ${type || 'unknown'}\n`]),
    `Cluster GUID:      ${spec.text('clusterGUID') || 'none: calicoctl init makes one'}\n`,
  ].join('');
}
