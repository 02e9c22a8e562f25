import type { Args } from '../../ctl/command-line/command.ts';
import type { Context } from '../../ctl/command-line/context.ts';
import { requireRoot } from '../run/require-root.ts';
import { lookAtNode } from './look.ts';
import { statusJson, statusText } from './text.ts';

/** Runs `calicoctl node status`. Resolves to the exit status: 1 when nobody makes routes here. */
export async function nodeStatusOf({ out, err }: Context, args: Args): Promise<number> {
  requireRoot();
  const status = await lookAtNode(args.text('bird-socket'));
  const isRunning = status.routedBy !== undefined;
  if (args.text('output') === 'json') out(statusJson(status));
  else if (isRunning) out(statusText(status));
  else {
    err('Calico process is not running.\n');
    const isThere = typeof status[4] === 'object' || typeof status[6] === 'object';
    if (isThere) err('BIRD is running and keeps the routes that it has; calicoctl node run keeps them up to date\n');
  }
  return isRunning ? 0 : 1;
}
