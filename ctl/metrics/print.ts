import type { Args } from '../command-line/command.ts';
import type { Context } from '../command-line/context.ts';
import { durationOption } from '../command-line/duration.ts';
import { UsageError } from '../command-line/usage-error.ts';
import { openCollector } from './collector.ts';
import { exposition, type MetricFamily } from './exposition.ts';
import { listenAddress } from './listen-address.ts';
import { nodeFamilies } from './node-families.ts';
import { nodeHere, nodeState } from './node-state.ts';
import { openReader } from './read-cluster.ts';
import { serve } from './serve.ts';
import { writeTextfile } from './textfile.ts';

/** How long a single reading may take. */
const LIMIT_MS = 600_000;

/** Prints, writes or serves the figures, as the options of `ipam metrics` say. Resolves to its exit status. */
export async function metrics(context: Context, args: Args): Promise<number> {
  const [listen, file, webConfig] = [args.text('listen'), args.text('textfile'), args.text('web-config-file')];
  if (listen !== undefined && file !== undefined) throw new UsageError('only one of --listen and --textfile at a time');
  if (listen === undefined && webConfig !== undefined) throw new UsageError('--web-config-file needs --listen');
  const collect = collecting(context, args);
  if (listen !== undefined) {
    const text = async (limitMs: number) => exposition(await collect(limitMs, false));
    return serve({ at: listenAddress(listen), webConfig: webConfig ?? '', metrics: text, err: context.err });
  }
  const families = await collect(LIMIT_MS, true);
  if (file === undefined) context.out(exposition(families));
  else writeTextfile(file, exposition(families));
  const isAway = families.some(({ name, samples }) => name === 'ipam_datastore_up' && samples[0]?.value === 0);
  return isAway ? 1 : 0;
}

function collecting(
  context: Context,
  args: Args,
): (limitMs: number, complete: boolean) => Promise<readonly MetricFamily[]> {
  const only = args.text('only');
  const check = { every: durationOption(args, 'check-every'), grace: durationOption(args, 'grace') };
  const node = nodeHere(args.text('node'), context.world);
  const collector = openCollector(openReader(context, args), context.world, check);
  return async (limitMs, complete) => [
    ...(only === 'node' ? [] : await collector.collect(limitMs, complete)),
    ...(only === 'cluster' ? [] : nodeFamilies(nodeState(node, context.world.now()))),
  ];
}
