import type { Datastore, SeenChange } from '../datastore/datastore.ts';
import { type Answer, type Entry, get, type Query } from '../datastore/query.ts';
import { type BlockRef, textOf } from '../datastore/ref.ts';
import { guesses } from './guesses.ts';
import { type Hint, hintText, readHint } from './hint.ts';
import type { HintFile } from './hint-file.ts';
import { learnt } from './learnt.ts';
import { isNewer } from './sequence.ts';

/** A datastore that reads blocks together with the first queries of a plan, and passes on blocks to the next call of this host. */
export interface HintedStore extends Datastore {
  /** Called when this call's turn begins: earlier calls may have changed what was read before it. `hasWaited`: for a while. */
  turned(hasWaited: boolean): void;
}

/** What is known of the hint and of the blocks read early. */
interface State {
  /** The file when it was last looked at; undefined: not yet. */
  seen: { readonly mark: string | undefined; readonly hint: Hint | undefined } | undefined;
  /** Blocks read early, by name. */
  early: Map<string, Entry>;
  /** Blocks that calls before this one's turn have written, by name. */
  passed: ReadonlyMap<string, string>;
  own: readonly string[] | undefined;
  isOutdated: boolean;
  /** From the first commit on, until one succeeds: what is read then must be as it is now. */
  isCommitting: boolean;
}

/** Only blocks come from a hint, and a commit compares each block that it writes with the version that the hint gave it. */
export function hintedStore(store: Datastore, file: HintFile, node: string, now: () => bigint): HintedStore {
  const state: State = {
    seen: undefined,
    early: new Map(),
    passed: new Map(),
    own: undefined,
    isOutdated: false,
    isCommitting: false,
  };
  const hinted = { store, file, node, now, state };
  return {
    ...store,
    isHinted: () => hintNow(hinted) !== undefined,
    isOutdated: () => state.isOutdated,
    turned: (hasWaited) => turned(hinted, hasWaited),
    read: (queries, deadline) => read(hinted, queries, deadline),
    async commit(changes, guards, deadline, blocksWritten) {
      forget(state);
      state.isCommitting = true;
      let isNoted = false;
      const note = () => {
        if (!isNoted) learn(hinted, changes);
        isNoted = true;
      };
      const result = await store.commit(changes, guards, deadline, () => {
        note();
        blocksWritten?.();
      });
      if (!result.done) return result;
      note();
      state.isCommitting = false;
      return result;
    },
  };
}

interface Hinted {
  readonly store: Datastore;
  readonly file: HintFile;
  readonly node: string;
  readonly now: () => bigint;
  readonly state: State;
}

function forget(state: State): void {
  state.early = new Map();
  state.passed = new Map();
}

/** The hint, if it is about this node; the file is read once. Whether it is about this cluster shows with the first answers. */
function hintNow({ file, node, state }: Hinted): Hint | undefined {
  state.seen ??= look(file);
  return state.seen.hint?.node === node ? state.seen.hint : undefined;
}

function look(file: HintFile): NonNullable<State['seen']> {
  const mark = file.mark();
  const text = mark === undefined ? undefined : file.read();
  return { mark, hint: text === undefined ? undefined : readHint(text) };
}

async function read(hinted: Hinted, queries: readonly Query[], deadline: number): Promise<readonly Answer[]> {
  const { store, state, node } = hinted;
  if (state.isCommitting) return store.read(queries, deadline);
  const at = queries.findIndex((query) => 'all' in query && query.all === 'affinity' && query.node === node);
  if (at === -1) return readRest(hinted, queries, deadline);
  const hint = hintNow(hinted);
  const refs = hint === undefined ? [] : guesses(hint, queries, store.isTransactional !== false);
  const early = new Map<string, Entry>();
  state.early = early;
  const answers = await store.read([...queries, ...refs.map(get)], deadline);
  state.own = answers[at]?.entries.flatMap(({ ref }) => (ref.kind === 'affinity' ? ref.cidr.text : []));
  // A block that does not exist is looked for again when it is asked for: it may just be in the making.
  for (const { entries } of answers.slice(queries.length)) {
    for (const entry of entries) early.set(textOf(entry.ref), entry);
  }
  return answers.slice(0, queries.length);
}

/** Answers from the blocks that are known, and reads the others. */
async function readRest(hinted: Hinted, queries: readonly Query[], deadline: number): Promise<readonly Answer[]> {
  // A handle that is read now may lead to addresses that its blocks did not have before.
  if (queries.some(isOfHandles)) forget(hinted.state);
  const known = queries.map((query) =>
    'get' in query && query.get.kind === 'block' ? blockOf(hinted, query.get) : undefined,
  );
  if (!known.some((entry) => entry !== undefined)) return hinted.store.read(queries, deadline);
  const rest = queries.filter((_, at) => known[at] === undefined);
  const answers = rest.length === 0 ? [] : await hinted.store.read(rest, deadline);
  let next = 0;
  return known.flatMap((entry) => (entry === undefined ? (answers[next++] ?? []) : { entries: [entry], refs: [] }));
}

const isOfHandles = (query: Query): boolean =>
  'get' in query ? query.get.kind === 'handle' : 'all' in query && query.all === 'handle';

/** A block as read early or passed on, whichever is newer. */
function blockOf({ store, state }: Hinted, ref: BlockRef): Entry | undefined {
  const name = textOf(ref);
  const early = state.early.get(name);
  const text = state.passed.get(name);
  if (text === undefined || state.seen?.hint?.cluster !== store.cluster()) return early;
  if (early !== undefined && !isNewer(text, early.value)) return early;
  return store.takeOver?.(ref, text) ?? early;
}

/** What calls have changed that had their turn since the file was looked at. */
function turned(hinted: Hinted, hasWaited: boolean): void {
  const { file, node, state } = hinted;
  const before = state.seen;
  if (before === undefined || state.isCommitting) return;
  // A program that writes no hint may have had its turn.
  if (hasWaited) state.early = new Map();
  if (file.mark() === before.mark) return;
  state.seen = look(file);
  const { hint } = state.seen;
  state.isOutdated = hint?.shape !== before.hint?.shape;
  if (hint?.node !== node) return;
  // What lay there before may be old; what has come since is what was waited for.
  const old = new Map(before.hint?.passed.map(({ cidr, text }) => [cidr, text]));
  const fresh = hint.passed.filter(({ cidr, text }) => old.get(cidr) !== text);
  state.passed = new Map(fresh.map(({ cidr, text }) => [`Block(${cidr})`, text]));
}

function learn(hinted: Hinted, changes: readonly SeenChange[]): void {
  const { store, file, node, now, state } = hinted;
  const cluster = store.cluster();
  if (cluster === undefined) return;
  const mark = file.mark();
  const before = state.seen !== undefined && state.seen.mark === mark ? state.seen : look(file);
  const passOn = (ref: BlockRef) => store.passOn?.(ref);
  const hint = learnt(before.hint, { cluster, node, own: state.own, changes, passOn, mark: String(now()) });
  if (hint === undefined) return;
  file.write(hintText(hint));
  state.seen = { mark: file.mark(), hint };
}
