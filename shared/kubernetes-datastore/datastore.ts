import type { Datastore } from '../datastore/datastore.ts';
import { type Answer, get, type Query } from '../datastore/query.ts';
import { CLUSTER_INFORMATION } from '../datastore/ref.ts';
import type { Change } from '../datastore/view.ts';
import type { ApiConnection } from '../kubernetes/api-connection.ts';
import type { World } from '../system/world.ts';
import type { ApiGroup } from './api-group.ts';
import { type BlockReading, freeBlocks, usedBlocks } from './block-search.ts';
import { commit } from './commit.ts';
import { type GroupChoice, openGroupChoice } from './group-choice.ts';
import { finishDeletions } from './half-deleted.ts';
import { type Held, openHeld } from './held.ts';
import { type AccessTo, accessIn, type EndpointView } from './kind-access.ts';
import { metadataText, specOf } from './metadata.ts';
import { type Reading, readList, readObject, takeOver } from './reading.ts';
import { openRequests } from './requests.ts';
import type { ScanReading } from './scan.ts';
import { type Labelling, readAffinities } from './unlabelled.ts';

export interface KubernetesDatastoreOptions {
  readonly api: ApiConnection;
  readonly world: Pick<World, 'elapsed'>;
  /** This node, which owns its blocks. */
  readonly node: string;
  /** As configured; undefined when the server's answers decide. */
  readonly group: ApiGroup | undefined;
  /** When the answers decide: the group that this server had before. Only the first guess. */
  readonly remembered?: ApiGroup | undefined;
  readonly endpoints: EndpointView;
  /** Undefined: affinities of old releases are not looked for. */
  readonly labelling?: Labelling | undefined;
}

export interface KubernetesDatastore extends Datastore {
  /** The API group detected from the server's answers; undefined when it was configured or has not been detected yet. */
  foundGroup(): ApiGroup | undefined;
  /** The API group in use: as configured or found, else the first guess. */
  readonly group: ApiGroup;
  /** For scans over the same connection. */
  readonly scanReading: ScanReading;
}

/** How long a scan may take to find out which API group there is, in milliseconds. */
const GROUP_LIMIT_MS = 30_000;

/** Calico's objects in the Kubernetes API: its own as custom resources, others as pods, nodes and namespaces. */
export function kubernetesDatastore(options: KubernetesDatastoreOptions): KubernetesDatastore {
  const { api, world, node } = options;
  const requests = openRequests(api, world);
  const choice = openGroupChoice(options.group, options.remembered);
  const held = openHeld();
  const made = new Map<ApiGroup, AccessTo>();
  // A group that is only being tried may show no affinities.
  const labellingIn = (group: ApiGroup): Labelling => ({
    isDone: () => options.labelling?.isDone() ?? true,
    done: () => (choice.isMade && choice.group === group ? options.labelling?.done() : undefined),
  });
  const reading = (group: ApiGroup): StoreReading => {
    const access = made.get(group) ?? accessIn(group, options.endpoints);
    made.set(group, access);
    return { requests, group, access, held, heard: choice.hear, node, labelling: labellingIn(group) };
  };
  const read = (queries: readonly Query[], deadline: number) => readIn(choice, reading, queries, deadline);
  const scanReading = async () => {
    // Asked for one object, a server says whether it has the group; a list of a missing kind is just empty.
    if (!choice.isMade) await read([get(CLUSTER_INFORMATION)], world.elapsed() + GROUP_LIMIT_MS);
    return reading(choice.group);
  };
  return {
    isTransactional: false,
    async begin(deadline) {
      api.begin(deadline);
    },
    read,
    scanReading,
    commit: (changes, guards, deadline, blocksWritten) =>
      commit(reading(choice.group), node, changes, guards, deadline, blocksWritten),
    passOn: (ref) => held.get(ref)?.written?.trimEnd(),
    takeOver: (ref, text) => takeOver(reading(choice.group), ref, text),
    refusal: (change) => refusalOf(reading(choice.group), change),
    finishDeletions: (deadline) => finishDeletions(reading(choice.group), deadline),
    cluster: () => clusterIn(held),
    get group() {
      return choice.group;
    },
    foundGroup: () => (options.group === undefined && choice.isMade ? choice.group : undefined),
    close: () => api.close(),
  };
}

/** Answers queries; while the API group is not known, in the group that turns out to be there. */
async function readIn(
  choice: GroupChoice,
  reading: (group: ApiGroup) => StoreReading,
  queries: readonly Query[],
  deadline: number,
): Promise<readonly Answer[]> {
  const { group, other, isMade } = choice;
  const answers = answer(reading(group), queries, deadline);
  if (isMade) return answers;
  await answers.catch(() => undefined);
  // Another read may have determined the group meanwhile.
  if (choice.isMade ? choice.group === group : !choice.isDoubtful) return answers;
  const others = answer(reading(other), queries, deadline);
  await others.catch(() => undefined);
  return choice.group === other ? others : answers;
}

interface StoreReading extends BlockReading {
  readonly node: string;
  readonly labelling: Labelling;
}

/** Why a change can never be stored, given the object as last read. */
function refusalOf({ access, held }: Reading, { ref, next }: Change): unknown {
  const seen = held.get(ref);
  try {
    access(ref.kind).write({ ref, next, seen: seen?.entry?.version }, seen?.object);
    return undefined;
  } catch (thrown) {
    return thrown;
  }
}

/** Runs all queries in parallel. */
const answer = (reading: StoreReading, queries: readonly Query[], deadline: number): Promise<readonly Answer[]> =>
  Promise.all(queries.map((query) => answerTo(reading, query, deadline)));

async function answerTo(reading: StoreReading, query: Query, deadline: number): Promise<Answer> {
  if ('freeBlocks' in query) return freeBlocks(reading, query.freeBlocks, deadline);
  if ('usedBlocks' in query) return usedBlocks(reading, query.usedBlocks, deadline);
  if ('get' in query) {
    const entry = await readObject(reading, query.get, deadline);
    return { entries: entry === undefined ? [] : [entry], refs: [] };
  }
  const areOwn = query.all === 'affinity' && query.node === reading.node;
  const entries = await (areOwn ? readAffinities : readList)(reading, query, deadline);
  return query.only === 'names' ? { entries: [], refs: entries.map(({ ref }) => ref) } : { entries, refs: [] };
}

/** The clusterGUID; without one, the uid of the object that should hold it. */
function clusterIn(held: Held): string | undefined {
  const found = held.get(CLUSTER_INFORMATION)?.object;
  if (found === undefined) return undefined;
  const guid = specOf(found)['clusterGUID'];
  return typeof guid === 'string' && guid !== '' ? guid : metadataText(found, 'uid');
}
