import { type Answer, type Entry, type ListQuery, listOrder, type Query, queryText, selects } from './query.ts';
import { type Ref, textOf } from './ref.ts';
import type { View } from './view.ts';

/** A view that is filled with the datastore's answers. */
export interface KnownView extends View {
  /** The object or list that was looked at last; '' before the first. */
  latest(): string;
  /** The queries that are not answered by what is known. */
  missing(queries: readonly Query[]): readonly Query[];
  learn(query: Query, answer: Answer): void;
  /**
   * Updates objects to their current state: one without an entry in `fresh` does not exist. Names read before are dropped; the
   * candidates of a search stay, since each is an object of its own.
   */
  refresh(refs: readonly Ref[], fresh: readonly Entry[]): void;
}

interface Known {
  /** By the text of the ref; undefined for an object that does not exist. */
  readonly objects: Map<string, { readonly ref: Ref; readonly entry: Entry | undefined }>;
  /** Lists read in full: an object that one of them selects and that is not among the objects does not exist. */
  readonly lists: ListQuery[];
  /** Answers to queries for names, and to searches. */
  readonly answers: Map<string, { readonly query: Query; readonly answer: Answer }>;
}

/** An empty view. */
export function openView(): KnownView {
  const known: Known = { objects: new Map(), lists: [], answers: new Map() };
  let latest = '';
  return {
    latest: () => latest,
    get(ref) {
      latest = textOf(ref);
      return objectOf(known, ref);
    },
    knows: (ref) => knows(known, ref),
    list(query) {
      latest = queryText(query);
      return listOf(known, query);
    },
    answer: (query) => answerTo(known, query),
    missing: (queries) => queries.filter((query) => !isAnswered(known, query)),
    learn: (query, answer) => learn(known, query, answer),
    refresh(refs, fresh) {
      for (const [text, { query }] of known.answers) if ('all' in query) known.answers.delete(text);
      for (const ref of refs) known.objects.set(textOf(ref), { ref, entry: undefined });
      for (const entry of fresh) known.objects.set(textOf(entry.ref), { ref: entry.ref, entry });
    },
  };
}

function knows({ objects, lists }: Known, ref: Ref): boolean {
  return objects.has(textOf(ref)) || lists.some((list) => selects(list, ref));
}

function isAnswered(known: Known, query: Query): boolean {
  if ('get' in query) return knows(known, query.get);
  if (known.answers.has(queryText(query))) return true;
  return isWhole(query) && known.lists.some((list) => covers(list, query));
}

function objectOf(known: Known, ref: Ref): Entry | undefined {
  if (!knows(known, ref)) throw notRead(textOf(ref));
  return known.objects.get(textOf(ref))?.entry;
}

function listOf(known: Known, query: ListQuery): readonly Entry[] {
  if (!isAnswered(known, query)) throw notRead(queryText(query));
  const found: Entry[] = [];
  for (const { ref, entry } of known.objects.values()) {
    if (entry !== undefined && selects(query, ref)) found.push(entry);
  }
  return found.length < 2 ? found : found.sort((one, other) => listOrder(one.ref, other.ref));
}

function answerTo(known: Known, query: Query): Answer {
  const found = known.answers.get(queryText(query))?.answer;
  if (found === undefined) throw notRead(queryText(query));
  return found;
}

const notRead = (what: string): Error => new Error(`a plan looks at ${what} without having read it`);

function learn(known: Known, query: Query, answer: Answer): void {
  if ('get' in query) {
    known.objects.set(textOf(query.get), { ref: query.get, entry: answer.entries[0] });
    return;
  }
  if (isWhole(query)) {
    // An object read on its own earlier may have been deleted since.
    for (const [text, { ref }] of known.objects) {
      if (selects(query, ref)) known.objects.set(text, { ref, entry: undefined });
    }
    known.lists.push(query);
  } else {
    known.answers.set(queryText(query), { query, answer });
  }
  if ('freeBlocks' in query) {
    for (const ref of answer.refs) known.objects.set(textOf(ref), { ref, entry: undefined });
  }
  for (const entry of answer.entries) known.objects.set(textOf(entry.ref), { ref: entry.ref, entry });
}

/** Whether a query is answered with every object that it selects. */
const isWhole = (query: Query): query is ListQuery => 'all' in query && query.only === undefined;

/** Whether the objects of `list` include all that `part` selects. */
const covers = (list: ListQuery, part: ListQuery): boolean =>
  list.all === part.all &&
  (list.strays === true || part.strays === undefined) &&
  (list.node === undefined || list.node === part.node) &&
  (list.namespace === undefined || list.namespace === part.namespace) &&
  (list.prefix === undefined || (part.prefix ?? '').startsWith(list.prefix));
