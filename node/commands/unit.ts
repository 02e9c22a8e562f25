import type { Args, Command } from '../../ctl/command-line/command.ts';
import type { Context } from '../../ctl/command-line/context.ts';
import { nodeRun } from './run.ts';

/** Options of `node run` that a unit takes over. */
const TAKEN = nodeRun.options.filter(
  ({ flags }) => !/^--(?:ready|live|dryrun|felix-config|node-image|log-dir|init-system)\b/.test(flags),
);

/** `calicoctl node unit`. */
export const nodeUnit: Command = {
  words: 'node unit',
  summary: 'Print a systemd unit for calicoctl node run',
  about:
    'Options, and calico/node’s variables that are set, are written into the unit. Passwords are not: put them into ' +
    '/etc/calico/calicoctl-node.env.',
  options: TAKEN,
  examples: [
    { what: 'Start it now and at every boot', line: 'node unit > /etc/systemd/system/calicoctl-node.service' },
    { what: 'With options', line: 'node unit --ip=autodetect --as=64513 > /etc/systemd/system/calicoctl-node.service' },
  ],
  run,
};

async function run({ world, out }: Context, args: Args): Promise<number> {
  const { ownExecutable, unitText } = await import('../main.ts');
  out(unitText({ executable: ownExecutable(), args: given(args), env: world.env }));
  return 0;
}

/** The options as they were given, in the order of the help. */
function given(args: Args): readonly string[] {
  const own = TAKEN.flatMap(({ flags }) => {
    const name = /^--([\w-]+)/.exec(flags)?.[1] ?? '';
    if (name.startsWith('no-')) return args.flag(name.slice(3)) ? [] : [`--${name}`];
    const value = args.text(name);
    return value === undefined ? [] : [`--${name}=${value}`];
  });
  const config = args.text('config');
  return config === undefined || config === '/etc/calico/calicoctl.cfg' ? own : [...own, `--config=${config}`];
}
