import { AFFINITY_PREFIXES, CONFIG_KEY, resourceKey } from '../../shared/calico/keys.ts';
import { transact } from '../../shared/datastore/transaction.ts';
import { type Entry, one } from '../../shared/datastore/view.ts';
import { openScan, type Scan } from '../../shared/etcd/scan.ts';
import type { Context } from '../context.ts';
import { claimResource } from './affinities.ts';
import { current } from './current.ts';
import { doesNotExist } from './fault.ts';
import type { Kind, Listed } from './kind.ts';
import { effective } from './kinds/ipam-configuration.ts';
import { type AnyResource, identifier, type Named } from './resource.ts';
import { decode } from './stored.ts';

/** A resource by its name; throws Refused (missing) when there is none. */
export async function findOne(context: Context, kind: Kind, named: Named): Promise<AnyResource> {
  const missing = () => doesNotExist(identifier(kind.name, named));
  if (kind.name === 'BlockAffinity') {
    const { resources } = await findAll(context, kind, undefined);
    const found = resources.find(({ metadata }) => metadata.name === named.name);
    if (found === undefined) throw missing();
    return found;
  }
  const found = await transact(context, [], function* () {
    return { writes: [], answer: yield* current(kind, named) };
  });
  if (found === undefined) throw missing();
  return found;
}

const PAGE = 500;

/** All resources of a kind, of one namespace if given; what cannot be read is told on standard error and passed over. */
export async function findAll(context: Context, kind: Kind, namespace: string | undefined): Promise<Listed> {
  const scan = openScan(context.etcd, context.world, context.log);
  try {
    const resources = await pick(context, scan, prefixOf(kind, namespace), (entry) => decode(kind, entry));
    if (kind.name === 'IPAMConfiguration') {
      const [answer] = await context.store.read([one(CONFIG_KEY)], context.deadline);
      const found = effective(resources[0], answer?.entries[0]);
      return { kind, resources: found === undefined ? [] : [found], revision: scan.revision() };
    }
    if (kind.name === 'BlockAffinity') {
      for (const prefix of AFFINITY_PREFIXES) resources.push(...(await pick(context, scan, prefix, claimResource)));
    }
    return { kind, resources: ranked(kind, resources), revision: scan.revision() };
  } finally {
    scan.close();
  }
}

const ranked = ({ rank }: Kind, resources: readonly AnyResource[]): readonly AnyResource[] =>
  rank === undefined ? resources : [...resources].sort((one, other) => rank(one) - rank(other) || 0);

const prefixOf = (kind: Kind, namespace: string | undefined): string =>
  resourceKey(kind.plural, kind.namespaced && namespace ? `${namespace}/` : '');

async function pick(
  context: Context,
  scan: Scan,
  prefix: string,
  decoded: (entry: Entry) => AnyResource | undefined,
): Promise<AnyResource[]> {
  const readable = (entry: Entry): readonly AnyResource[] => {
    try {
      return [decoded(entry) ?? []].flat();
    } catch (thrown) {
      context.err(`Passed over: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
      return [];
    }
  };
  const found: AnyResource[] = [];
  for await (const page of scan.pages(prefix, PAGE)) found.push(...page.flatMap(readable));
  return found;
}
