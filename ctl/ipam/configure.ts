import { transact } from '../../shared/datastore/transaction.ts';
import type { Args, Command } from '../command-line/command.ts';
import { UsageError } from '../command-line/usage-error.ts';
import { changeSettings } from './configuration.ts';

/** `calicoctl ipam configure`. */
export const ipamConfigure: Command = {
  words: 'ipam configure',
  summary: 'Change the IPAM configuration',
  options: [
    { flags: '--strictaffinity <true|false>', summary: 'true: no node borrows addresses from another node’s block' },
    { flags: '--max-blocks-per-host <number>', summary: 'maximum number of blocks per node; 0 for the default of 20' },
    {
      flags: '--kubevirt-ip-persistence <Enabled|Disabled>',
      summary: 'whether virtual machines keep their addresses',
    },
    { flags: '--ip-cooldown-seconds <number>', summary: 'how long a released address stays unused' },
  ],
  examples: [
    { what: 'No borrowing', line: 'ipam configure --strictaffinity=true' },
    { what: 'At most four blocks per node', line: 'ipam configure --strictaffinity=true --max-blocks-per-host=4' },
  ],
  async run(context, args) {
    const changes = changesOf(args);
    if (changes.length === 0) throw new UsageError('at least one configuration option must be specified');
    const fields = Object.fromEntries(changes.map(({ field, value }) => [field, value]));
    await transact(context, () => changeSettings(fields));
    for (const { name, value } of changes) context.out(`Successfully set ${name} to: ${value}\n`);
    return 0;
  },
};

interface Change {
  /** Its name in messages. */
  readonly name: string;
  readonly field: string;
  readonly value: unknown;
}

function changesOf(args: Args): readonly Change[] {
  const change = (option: string, name: string, read: (text: string) => unknown): readonly Change[] => {
    const text = args.text(option);
    const field = name === 'IPCooldownSeconds' ? 'ipCooldownSeconds' : name.charAt(0).toLowerCase() + name.slice(1);
    return text === undefined ? [] : [{ name, field, value: read(text) }];
  };
  return [
    ...change('strictaffinity', 'StrictAffinity', boolean),
    ...change('max-blocks-per-host', 'MaxBlocksPerHost', (text) =>
      count(text, 'invalid value for maxblockhost. Use a valid number'),
    ),
    ...change('kubevirt-ip-persistence', 'KubeVirtVMAddressPersistence', persistence),
    ...change('ip-cooldown-seconds', 'IPCooldownSeconds', (text) =>
      count(text, 'invalid value for --ip-cooldown-seconds. Use a number of seconds'),
    ),
  ];
}

/** As Go reads booleans. */
function boolean(text: string): boolean {
  if (/^(?:1|t|T|TRUE|true|True)$/.test(text)) return true;
  if (/^(?:0|f|F|FALSE|false|False)$/.test(text)) return false;
  throw new UsageError('invalid value. Use true or false to set strictaffinity');
}

function count(text: string, refusal: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(refusal);
  return Number(text);
}

function persistence(text: string): string {
  if (text === 'Enabled' || text === 'Disabled') return text;
  throw new UsageError('invalid value for --kubevirt-ip-persistence. Use Enabled or Disabled');
}
