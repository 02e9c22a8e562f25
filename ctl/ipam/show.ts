import { readConfig } from '../../ipam/config/ipam-config.ts';
import { readPools } from '../../ipam/config/pools.ts';
import { readReservations } from '../../ipam/config/reservations.ts';
import { get, POOLS, RESERVATIONS } from '../../shared/datastore/query.ts';
import { IPAM_CONFIG } from '../../shared/datastore/ref.ts';
import { transact } from '../../shared/datastore/transaction.ts';
import type { Outcome, Plan } from '../../shared/datastore/view.ts';
import { type Address, parseAddress } from '../../shared/net/address.ts';
import { type Endpoint, numberOf } from '../check/endpoints.ts';
import { readEndpoints } from '../check/inspect.ts';
import type { Args, Command } from '../command-line/command.ts';
import type { Context } from '../command-line/context.ts';
import { UsageError } from '../command-line/usage-error.ts';
import { addressText, findAddress } from './address.ts';
import { collectBorrowed } from './borrowed.ts';
import { readSettings } from './configuration.ts';
import { configurationTable } from './configuration-table.ts';
import { eachBlock } from './scan-blocks.ts';
import { useTable } from './use-table.ts';
import { countUse } from './utilization.ts';

/** `calicoctl ipam show`. */
export const ipamShow: Command = {
  words: 'ipam show',
  summary: 'Show pool usage, or the owner of an address',
  options: [
    { flags: '--ip <address>', summary: 'show the owner of this address' },
    { flags: '--show-blocks', summary: 'also list the blocks of each pool' },
    { flags: '--show-borrowed', summary: "list addresses borrowed from another node's block" },
    { flags: '--show-configuration', summary: 'show the IPAM configuration' },
  ],
  examples: [
    { what: 'Pool usage', line: 'ipam show' },
    { what: 'The pod that has an address', line: 'ipam show --ip=192.168.1.2' },
    { what: "Each node's blocks", line: 'ipam show --show-blocks' },
  ],
  run: async (context, args) => {
    context.out(await shown(context, args));
    return 0;
  },
};

const WAYS = ['show-blocks', 'show-borrowed', 'show-configuration'] as const;

async function shown(context: Context, args: Args): Promise<string> {
  const ip = args.text('ip');
  const asked = [...(ip === undefined ? [] : ['ip']), ...WAYS.filter((way) => args.flag(way))];
  if (asked.length > 1) throw new UsageError(`only one of --${asked.join(', --')} at a time`);
  if (ip !== undefined) return showAddress(context, addressGiven(ip));
  if (args.flag('show-configuration')) return configurationTable(await transact(context, readSettings));
  if (args.flag('show-borrowed')) return showBorrowed(context);
  return showUse(context, args.flag('show-blocks'));
}

/** An address on the command line. Throws UsageError. */
export function addressGiven(text: string): Address {
  const address = parseAddress(text);
  if (address === undefined) throw new UsageError(`Invalid IP address specified: ${text}`);
  return address;
}

async function showUse(context: Context, withBlocks: boolean): Promise<string> {
  const { pools, reservations, cooldown } = await transact(context, readSurroundings);
  const count = countUse(pools, reservations, { now: context.world.now(), cooldown });
  await eachBlock(context, (cidr, block) => count.add(cidr, block));
  return useTable(count.pools(), withBlocks);
}

function* readSurroundings(): Plan<Outcome<Surroundings>> {
  const view = yield [get(IPAM_CONFIG), POOLS, RESERVATIONS];
  const cooldown = readConfig(view).ipCooldownSeconds;
  return { changes: [], answer: { pools: readPools(view), reservations: readReservations(view), cooldown } };
}

interface Surroundings {
  readonly pools: ReturnType<typeof readPools>;
  readonly reservations: ReturnType<typeof readReservations>;
  readonly cooldown: number;
}

async function showBorrowed(context: Context): Promise<string> {
  const borrowed = collectBorrowed();
  await eachBlock(context, (cidr, block) => borrowed.add(cidr, block));
  return borrowed.text();
}

async function showAddress(context: Context, address: Address): Promise<string> {
  const found = await transact(context, () => findAddress(address));
  const scan = context.openScan();
  try {
    const users: Endpoint[] = [];
    const number = numberOf(address.family, address.value);
    await readEndpoints(context, scan, (endpoint) => {
      if (endpoint.addresses.includes(number)) users.push(endpoint);
    });
    return addressText(address, found, users);
  } finally {
    context.progress('');
    scan.close();
  }
}
