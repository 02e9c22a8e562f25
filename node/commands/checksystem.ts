import type { Command } from '../../ctl/command-line/command.ts';

/** `calicoctl node checksystem`. */
export const nodeCheckSystem: Command = {
  words: 'node checksystem',
  summary: 'Check whether this machine can run pods and their routes',
  about:
    'Kernel and its modules, settings, programs, firewall, and what other software may get in the way. Changes nothing, and asks no ' +
    'datastore. Status 0: nothing missing, perhaps warnings; 1: something is.',
  options: [
    { flags: '-f, --kernel-config <file>', summary: 'the kernel’s configuration (default: /boot/config-RELEASE)' },
    {
      flags: '-o, --output <format>',
      summary: 'text, or json for programs',
      choices: ['text', 'json'],
      fallback: 'text',
    },
  ],
  examples: [
    { what: 'Before calicoctl node run', line: 'node checksystem' },
    { what: 'In a script', line: 'node checksystem -o json' },
  ],
  run: async (context, args) => (await import('../checksystem/command.ts')).checkSystem(context, args),
};
