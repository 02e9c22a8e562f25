import type { Args } from '../ctl/command-line/args.ts';
import type { Context } from '../ctl/command-line/context.ts';
import { birdOptions } from './bird/bird-options.ts';
import { birdPart } from './bird/bird-part.ts';
import { forwardingPart } from './forwarding/forwarding-part.ts';
import { mtuPart } from './run/mtu-part.ts';
import type { Part } from './run/part.ts';
import { tunnelPart } from './tunnel/tunnel-part.ts';

/** Everything that a machine's process keeps as the datastore wants it. */
export const nodeParts = (context: Context, args: Args, withBird: boolean): readonly Part[] => [
  mtuPart(),
  forwardingPart(),
  tunnelPart(),
  ...(withBird ? [birdPart(birdOptions(context, args))] : []),
];
