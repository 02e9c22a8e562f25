import type { Args } from '../../ctl/command-line/command.ts';
import type { Context } from '../../ctl/command-line/context.ts';
import { fileContent, hostName } from '../../shared/call/node-name.ts';
import { VERSION } from '../../shared/call/version.ts';
import { NODENAME_FILE } from '../../shared/cni/netconf-read.ts';
import { fileOf, writeArchive } from './archive.ts';
import { collectionOf } from './collection.ts';
import { collectMachine } from './machine.ts';
import { collectCommands } from './stored.ts';

/** Characters: what is asked for at night must be small enough to be sent. */
const LIMITS = { part: 1 << 20, total: 16 << 20 };
/** After this nothing more is begun. */
const BUDGET_MS = 60_000;

/** Runs `calicoctl node diags`. */
export async function collectDiags(context: Context, args: Args): Promise<number> {
  const { world } = context;
  const until = world.elapsed() + BUDGET_MS;
  const isLate = () => world.elapsed() > until;
  const now = Number(world.now() / 1_000_000n);
  const node = fileContent(NODENAME_FILE) || hostName();
  const stamp = new Date(now).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '_');
  const folder = `diags-${stamp}`;
  context.out('Collecting diagnostics\n');
  const collection = collectionOf(LIMITS);
  collectMachine(collection, world, args.text('log-dir') ?? '', isLate);
  await collectCommands(collection, context, isLate);
  const heading = `Node ${node}, ${new Date(now).toISOString()}, calicoctl ${VERSION}\n`;
  const files = collection.parts(heading).map((part) => fileOf(folder, part));
  const path = writeArchive(args.text('output') ?? `/tmp/calico-${node}-${folder}`, files, Math.floor(now / 1000));
  context.out(`Diags saved to ${path}\nPasswords, tokens and keys have been removed; addresses and names have not.\n`);
  return 0;
}
