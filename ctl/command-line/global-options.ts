import type { Option } from './command.ts';

/** Options that every command has, before or after its words. */
export const GLOBAL: readonly Option[] = [
  { flags: '-c, --config <file>', summary: 'connection settings', fallback: '/etc/calico/calicoctl.cfg' },
  {
    flags: '-l, --log-level <level>',
    summary: 'log to standard error',
    choices: ['debug', 'info', 'warning', 'error', 'none'],
    fallback: 'none',
  },
];
