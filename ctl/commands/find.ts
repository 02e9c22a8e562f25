import type { Scan } from '../../shared/datastore/datastore.ts';
import type { Pace } from '../../shared/datastore/next-page.ts';
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
    const isNamed = ({ metadata }: AnyResource) => metadata.name === named.name;
    const [found] = (await findAll(context, kind, undefined, isNamed)).resources;
    if (found === undefined) throw missing();
    return found;
  }
  const found = await transact(context, function* (): Plan<Outcome<AnyResource | undefined>> {
    return { changes: [], answer: yield* current(kind, named) };
  });
  if (found === undefined) throw missing();
  return found;
}

/** All resources of a kind, of one namespace if given; with `keeps` only those that it accepts. */
export async function findAll(
  context: Context,
  kind: Kind,
  namespace: string | undefined,
  keeps: (resource: AnyResource) => boolean = () => true,
): Promise<Listed> {
  const all: AnyResource[] = [];
  let version = '';
  for await (const page of findPages(context, kind, namespace)) {
    all.push(...page.resources.filter(keeps));
    version = page.version;
  }
  return { kind, resources: all, version };
}

/** The same page by page; the last page may be empty. Unreadable resources are skipped with a line on standard error. */
export async function* findPages(
  context: Context,
  kind: Kind,
  namespace: string | undefined,
  pace?: Pace,
): AsyncGenerator<Listed> {
  const scan = context.openScan();
  const list: ListQuery = { all: kind.name, ...(kind.namespaced && namespace && { namespace }), strays: true };
  const page = (resources: readonly AnyResource[]): Listed => ({ kind, resources, version: scan.version() });
  try {
    const pages = resourcePages(context, kind, list, (each) => scan.pages(each, PAGE, pace));
    if (kind.rank === undefined && kind.name !== 'IPAMConfiguration') for await (const each of pages) yield page(each);
    else yield page(await completed(context, kind, pages));
    yield page([]);
  } finally {
    scan.close();
  }
}

const PAGE = 500;
const AFFINITIES: ListQuery = { all: 'affinity' };

type Pages = ReturnType<Scan['pages']>;

async function* resourcePages(context: Context, kind: Kind, list: ListQuery, pages: (list: ListQuery) => Pages) {
  for await (const page of pages(list)) yield readable(context, page, (entry) => decode(kind, entry));
  if (kind.name !== 'BlockAffinity') return;
  for await (const page of pages(AFFINITIES)) yield readable(context, page, claimResource);
}

function readable(
  { err }: Context,
  page: readonly Entry[],
  decoded: (entry: Entry) => AnyResource | undefined,
): readonly AnyResource[] {
  return page.flatMap((entry) => {
    try {
      return decoded(entry) ?? [];
    } catch (thrown) {
      err(`Skipped: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
      return [];
    }
  });
}

/** What needs the whole list: its order, and the settings that allocation reads. */
async function completed(
  context: Context,
  { name, rank }: Kind,
  pages: AsyncIterable<readonly AnyResource[]>,
): Promise<readonly AnyResource[]> {
  const all: AnyResource[] = [];
  for await (const page of pages) all.push(...page);
  if (name !== 'IPAMConfiguration')
    return rank === undefined ? all : all.sort((one, other) => rank(one) - rank(other) || 0);
  const [answer] = await context.store.read([get(IPAM_CONFIG)], context.deadline);
  return [effective(all[0], answer?.entries[0]) ?? []].flat();
}
