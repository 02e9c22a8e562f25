import type { Context } from '../../ctl/command-line/context.ts';
import type { ContainerProbe } from '../../ctl/watch/probe.ts';
import type { Watched } from '../../ctl/watch/state.ts';
import { askState } from '../../ctl/watch/state-file.ts';

/** What `calicoctl node run` says of itself, for its probes. */
export const NODE_RUN: Watched = { program: 'calicoctl node run', file: '/var/run/calico/node-run.state' };

/** Answers a probe. */
export function askNode({ out, err }: Pick<Context, 'out' | 'err'>, probe: ContainerProbe): number {
  const { status, text } = askState(NODE_RUN, probe);
  if (status === 0) out(text);
  else err(text);
  return status;
}
