import type { Command } from '../../ctl/command-line/command.ts';

/** `calicoctl node status`. */
export const nodeStatus: Command = {
  words: 'node status',
  summary: 'Show this machine’s BGP sessions and routes',
  about:
    'Asks the BIRD of calico/node or of calicoctl node run by its control socket, not the datastore. Status 0: Calico is running here; ' +
    '1: it is not.',
  options: [
    { flags: '--bird-socket <path>', summary: 'another BIRD’s control socket (default: /var/run/calico/bird.ctl)' },
    {
      flags: '-o, --output <format>',
      summary: 'text, or json for programs',
      choices: ['text', 'json'],
      fallback: 'text',
    },
  ],
  examples: [
    { what: 'Whether all sessions are established', line: 'node status' },
    { what: 'In a script', line: 'node status -o json' },
  ],
  run: async (context, args) => (await import('../main.ts')).nodeStatusOf(context, args),
};
