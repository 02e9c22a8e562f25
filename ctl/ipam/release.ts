import { releaseAddresses } from '../../ipam/release/release-address.ts';
import { transact } from '../../shared/datastore/transaction.ts';
import { failure } from '../../shared/error/failure.ts';
import type { Command } from '../command-line/command.ts';
import type { Context } from '../command-line/context.ts';
import { UsageError } from '../command-line/usage-error.ts';
import { releaseFromReports } from './release-reports.ts';
import { addressGiven } from './show.ts';

/** `calicoctl ipam release`. */
export const ipamRelease: Command = {
  words: 'ipam release',
  summary: 'Release an address, or leaked addresses from reports',
  about:
    'Only for addresses of endpoints that were not removed cleanly: an endpoint that still uses the address keeps it.',
  options: [
    { flags: '--ip <address>', summary: 'the address to release' },
    {
      flags: '--from-report <file>',
      summary: 'release leaked addresses from an ipam check report; with several reports, only those in all of them',
      repeats: true,
    },
    { flags: '--force', summary: 'proceed even if the datastore is not locked or the report is from another version' },
  ],
  examples: [
    { what: 'One address', line: 'ipam release --ip=192.168.1.2' },
    {
      what: 'What two checks, an hour apart, both found',
      line: 'ipam release --from-report=a.json --from-report=b.json',
    },
  ],
  async run(context, args) {
    const ip = args.text('ip');
    const reports = args.texts('from-report');
    if (reports.length > 0) return releaseFromReports(context, reports, args.flag('force'));
    if (ip === undefined) throw new UsageError('ipam release needs --ip or --from-report');
    return releaseOne(context, addressGiven(ip).text);
  },
};

async function releaseOne(context: Context, address: string): Promise<number> {
  const request = { addresses: [{ address }], now: context.world.now() };
  const { released } = await transact(context, () => releaseAddresses(request));
  if (released.length === 0) throw failure(`IP address ${address} is not assigned`);
  context.out(`Successfully released IP address ${address}\n`);
  return 0;
}
