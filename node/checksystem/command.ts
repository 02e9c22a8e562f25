import type { Args } from '../../ctl/command-line/command.ts';
import type { Context } from '../../ctl/command-line/context.ts';
import { checksOf } from './checks.ts';
import { lookAtSystem } from './look.ts';
import { checksJson, checksText, meetsRequirements } from './text.ts';

/** Runs `calicoctl node checksystem`. */
export function checkSystem({ world, out }: Context, args: Args): number {
  const checks = checksOf(lookAtSystem(world, args.text('kernel-config')));
  out(args.text('output') === 'json' ? checksJson(checks) : checksText(checks));
  return meetsRequirements(checks) ? 0 : 1;
}
