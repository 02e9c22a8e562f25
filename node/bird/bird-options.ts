import type { Args } from '../../ctl/command-line/args.ts';
import type { Context } from '../../ctl/command-line/context.ts';
import { UsageError } from '../../ctl/command-line/usage-error.ts';
import { parseAddress } from '../../shared/net/address.ts';
import type { BirdOptions } from './bird-part.ts';
import { passwordSource } from './password-source.ts';

/** What the command line and calico/node's variables say of BIRD. Throws UsageError. */
export function birdOptions(context: Pick<Context, 'target' | 'world'>, args: Args): BirdOptions {
  const [socket, configuration] = [args.text('bird-socket'), args.text('bird-config')];
  if ((socket === undefined) !== (configuration === undefined)) {
    throw new UsageError(
      '--bird-socket and --bird-config belong together: a BIRD that runs already, and the file it reads',
    );
  }
  const routerId = context.world.env['CALICO_ROUTER_ID'] || undefined;
  if (routerId !== undefined && routerId !== 'hash' && parseAddress(routerId)?.family !== 4) {
    throw new UsageError(`CALICO_ROUTER_ID=${routerId}: it must be an IPv4 address, or hash`);
  }
  return { passwords: passwordSource(context), socket, configuration, routerId };
}
