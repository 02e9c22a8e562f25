import type { Args, Command } from '../../ctl/command-line/command.ts';
import type { Context } from '../../ctl/command-line/context.ts';

/** `calicoctl node stop`. */
export const nodeStop: Command = {
  words: 'node stop',
  summary: 'End calicoctl node run on this machine',
  about:
    'Without --clean routes, BIRD and traffic stay as they are until it runs again. With --clean everything that it has made on this ' +
    'machine is removed, also if it does not run any more: pods here can then no longer be reached from other machines. The Node ' +
    'stays in the datastore: calicoctl delete node removes it.',
  options: [{ flags: '--clean', summary: 'remove BIRD, routes, devices and rules that it has made' }],
  examples: [
    { what: 'Before a longer maintenance of the datastore', line: 'node stop' },
    { what: 'Take the machine out of the network of pods', line: 'node stop --clean' },
  ],
  run,
};

async function run(context: Context, args: Args): Promise<number> {
  const { nodeParts, stopNode } = await import('../main.ts');
  return stopNode({ say: context.out, complain: context.err }, nodeParts(context, args, true), args.flag('clean'));
}
