import type { Command } from '../../ctl/command-line/command.ts';

/** `calicoctl node diags`. */
export const nodeDiags: Command = {
  words: 'node diags',
  summary: 'Collect what shows the state of this machine’s network in an archive',
  about:
    'Logs, configurations, routes, rules, BIRD’s state, what is stored, and ipam check. Without passwords, tokens and keys. At most 16 MB ' +
    'before it is compressed, and about a minute, whether or not the datastore answers.',
  options: [
    { flags: '--log-dir <folder>', summary: 'the folder of Calico’s logs', fallback: '/var/log/calico' },
    { flags: '-o, --output <path>', summary: 'the archive, without .tar.gz (default: /tmp/calico-NODE-diags-TIME)' },
  ],
  examples: [{ what: 'Before asking somebody for help', line: 'node diags' }],
  run: async (context, args) => (await import('../diags/command.ts')).collectDiags(context, args),
};
