import type { Scan } from '../../shared/datastore/datastore.ts';
import { type Entry, get, type ListQuery } from '../../shared/datastore/query.ts';
import { IPAM_CONFIG } from '../../shared/datastore/ref.ts';
import { transact } from '../../shared/datastore/transaction.ts';
import type { Outcome, Plan } from '../../shared/datastore/view.ts';
import { current } from '../change/current.ts';
import { decode } from '../change/stored.ts';
import type { Context } from '../command-line/context.ts';
import { effective } from '../kinds/ipam-configuration.ts';
import type { Kind, Listed } from '../kinds/kind.ts';
import { doesNotExist } from '../resource/fault.ts';
import { type AnyResource, identifier, type Named } from '../resource/resource.ts';
import { claimResource } from './affinities.ts';

/** A resource by its name; throws Refused (missing) when there is none. */
export async function findOne(context: Context, kind: Kind, named: Named): Promise<AnyResource> {
  const missing = () => doesNotExist(identifier(kind.name, named));
  if (kind.name === 'BlockAffinity') {
    const { resources } = await findAll(context, kind, undefined);
    const found = resources.find(({ metadata }) => metadata.name === named.name);
    if (found === undefined) throw missing();
    return found;
  }
  const found = await transact(context, function* (): Plan<Outcome<AnyResource | undefined>> {
    return { changes: [], answer: yield* current(kind, named) };
  });
  if (found === undefined) throw missing();
  return found;
}

const PAGE = 500;
const AFFINITIES: ListQuery = { all: 'affinity' };

/** All resources of a kind, of one namespace if given. Unreadable ones are skipped with a line on standard error. */
export async function findAll(context: Context, kind: Kind, namespace: string | undefined): Promise<Listed> {
  const scan = context.openScan();
  try {
    const list: ListQuery = { all: kind.name, ...(kind.namespaced && namespace && { namespace }), strays: true };
    const resources = await pick(context, scan, list, (entry) => decode(kind, entry));
    if (kind.name === 'IPAMConfiguration') {
      const [answer] = await context.store.read([get(IPAM_CONFIG)], context.deadline);
      const found = effective(resources[0], answer?.entries[0]);
      return { kind, resources: found === undefined ? [] : [found], version: scan.version() };
    }
    if (kind.name === 'BlockAffinity') resources.push(...(await pick(context, scan, AFFINITIES, claimResource)));
    return { kind, resources: ranked(kind, resources), version: scan.version() };
  } finally {
    scan.close();
  }
}

const ranked = ({ rank }: Kind, resources: readonly AnyResource[]): readonly AnyResource[] =>
  rank === undefined ? resources : [...resources].sort((one, other) => rank(one) - rank(other) || 0);

async function pick(
  context: Context,
  scan: Scan,
  list: ListQuery,
  decoded: (entry: Entry) => AnyResource | undefined,
): Promise<AnyResource[]> {
  const readable = (entry: Entry): readonly AnyResource[] => {
    try {
      return [decoded(entry) ?? []].flat();
    } catch (thrown) {
      context.err(`Skipped: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
      return [];
    }
  };
  const found: AnyResource[] = [];
  for await (const page of scan.pages(list, PAGE)) found.push(...page.flatMap(readable));
  return found;
}
