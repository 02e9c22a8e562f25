import type { Scan } from '../../shared/datastore/datastore.ts';
import { type Entry, get } from '../../shared/datastore/query.ts';
import { IPAM_CONFIG } from '../../shared/datastore/ref.ts';
import { transact } from '../../shared/datastore/transaction.ts';
import type { Outcome, Plan } from '../../shared/datastore/view.ts';
import type { Context } from '../context.ts';
import { claimResource } from './affinities.ts';
import { current } from './current.ts';
import { doesNotExist } from './fault.ts';
import type { Kind, Listed } from './kind.ts';
import { effective } from './kinds/ipam-configuration.ts';
import { type AnyResource, identifier, type Named, storedAs } from './resource.ts';
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
  const found = await transact(context, function* (): Plan<Outcome<AnyResource | undefined>> {
    return { changes: [], answer: yield* current(kind, named) };
  });
  if (found === undefined) throw missing();
  return found;
}

const PAGE = 500;

/** All resources of a kind, of one namespace if given; what cannot be read is told on standard error and passed over. */
export async function findAll(context: Context, kind: Kind, namespace: string | undefined): Promise<Listed> {
  const scan = context.openScan();
  try {
    const resources = await pick(context, scan, kind, namespace);
    if (kind.name === 'IPAMConfiguration') {
      const [answer] = await context.store.read([get(IPAM_CONFIG)], context.deadline);
      const found = effective(resources[0], answer?.entries[0]);
      return { kind, resources: found === undefined ? [] : [found], version: scan.version() };
    }
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
  kind: Kind,
  namespace: string | undefined,
): Promise<readonly AnyResource[]> {
  const decoded = (entry: Entry) => (kind.name === 'BlockAffinity' ? claimResource(entry) : decode(kind, entry));
  const readable = (entry: Entry): readonly AnyResource[] => {
    try {
      return [decoded(entry) ?? []].flat();
    } catch (thrown) {
      context.err(`Passed over: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
      return [];
    }
  };
  const isAsked = (entry: Entry) => !kind.namespaced || !namespace || isIn(namespace, entry);
  const found: AnyResource[] = [];
  for await (const page of scan.pages(storedAs(kind.name), PAGE)) found.push(...page.filter(isAsked).flatMap(readable));
  return found;
}

const isIn = (namespace: string, { ref }: Entry): boolean => 'namespace' in ref && ref.namespace === namespace;
