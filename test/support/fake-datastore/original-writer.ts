import {
  allocate,
  firstFree,
  isEmpty,
  isOwnedBy,
  newBlock,
  ordinalsOf,
  release,
  rewritten,
} from '../../../ipam/block/block.ts';
import { decodeBlock, encodeBlock } from '../../../ipam/block/block-json.ts';
import { parseJson } from '../../../shared/calico/json.ts';
import type { Block, Handle } from '../../../shared/calico/model.ts';
import { affinityRef } from '../../../shared/datastore/ref.ts';
import { type KeyValue, one, under } from '../../../shared/etcd/key-store.ts';
import {
  affinitiesPrefix,
  blockKey,
  handleKey,
  keyOf,
  parseAffinityKey,
  parseBlockKey,
} from '../../../shared/etcd/keys.ts';
import { type Cidr, network, nthAddress, parseCidr } from '../../../shared/net/cidr.ts';
import type { FakeStore } from './fake-store.ts';

/** The original's steps, each one request at most; it names the step it is about to make. */
export type Steps<T> = Generator<string, T>;

/** One process of the original: every write is a transaction on one key, so it can be overtaken or killed between any two. */
export interface Original {
  readonly model: FakeStore;
  readonly node: string;
  readonly container: string;
  readonly now: bigint;
  /** The only pool, and its blocks' prefix length. */
  readonly pool: Cidr;
  readonly blockSize: number;
}

const RETRIES = 100;

/** ADD: own blocks, then claim a block, then borrow (as Calico). Returns the address, or undefined when there is none. */
export function* originalAdd(original: Original): Steps<string | undefined> {
  const all = blocksOfPool(original);
  return (
    (yield* firstOf(yield* ownClaims(original), (cidr) => assignIn(original, cidr, true))) ??
    (yield* firstOf(all, (cidr) => claimAndAssign(original, cidr))) ??
    (yield* firstOf(all, (cidr) => assignIn(original, cidr, false)))
  );
}

function* firstOf(cidrs: readonly Cidr[], tried: (cidr: Cidr) => Steps<string | undefined>): Steps<string | undefined> {
  for (const cidr of cidrs) {
    const address = yield* tried(cidr);
    if (address !== undefined) return address;
  }
  return undefined;
}

function* claimAndAssign(original: Original, cidr: Cidr): Steps<string | undefined> {
  if ((yield* readEntry(original, blockKey(cidr))) !== undefined) return undefined;
  return (yield* claimBlock(original, cidr)) ? yield* assignIn(original, cidr, true) : undefined;
}

/** DEL: block first, then handle (as Calico). */
export function* originalDel(original: Original): Steps<undefined> {
  const found = yield* readEntry(original, handleKey(handleOf(original)));
  for (const cidr of Object.keys(counts(found)).flatMap((text) => parseCidr(text) ?? [])) {
    const count = yield* releaseIn(original, cidr);
    if (count > 0) yield* countHandle(original, cidr, -count);
  }
  return undefined;
}

/** What kube-controllers does to an empty block of a node: half of it visible between steps (as Calico). */
export function* originalReleaseClaim(original: Original): Steps<undefined> {
  for (const cidr of yield* ownClaims(original)) {
    const claim = yield* readEntry(original, keyOf(affinityRef(original.node, cidr)));
    const entry = yield* readEntry(original, blockKey(cidr));
    if (claim === undefined || entry === undefined) continue;
    const block = decodeBlock(cidr, entry.value, entry.key);
    if (!isOwnedBy(block, original.node) || !isEmpty(block)) continue;
    if (!(yield* cas(original, claim.key, claim, state('pendingDeletion')))) continue;
    const marked = original.model.get(claim.key);
    if (!(yield* cas(original, entry.key, entry, undefined))) continue;
    yield* cas(original, claim.key, marked, undefined);
  }
  return undefined;
}

const handleOf = ({ container }: Original): string => `net1.${container}`;
const state = (value: string): string => JSON.stringify({ state: value, deleted: false });
const counts = (entry: KeyValue | undefined): Readonly<Record<string, number>> =>
  entry === undefined ? {} : (parseJson(entry.key, entry.value) as Handle).block;

function blocksOfPool({ pool, blockSize, node }: Original): readonly Cidr[] {
  const count = 2 ** (blockSize - pool.length);
  const start = [...node].reduce((sum, char) => sum + char.charCodeAt(0), 0);
  const step = 1n << BigInt((pool.family === 4 ? 32 : 128) - blockSize);
  return Array.from({ length: count }, (_, at) =>
    network(pool.family, pool.base + BigInt((start + at) % count) * step, blockSize),
  );
}

function* ownClaims({ model, node }: Original): Steps<readonly Cidr[]> {
  yield 'original lists affinities';
  const [range] = model.read([under(affinitiesPrefix(node))]);
  return (range?.entries ?? []).flatMap(({ key }) => parseAffinityKey(key)?.cidr ?? []);
}

function* readEntry({ model }: Original, key: string): Steps<KeyValue | undefined> {
  yield 'original reads';
  return model.read([one(key)])[0]?.entries[0];
}

/** Writes or deletes a key if it is still as it was read. */
function* cas({ model }: Original, key: string, seen: KeyValue | undefined, value: string | undefined): Steps<boolean> {
  yield 'original writes';
  return model.commit([{ key, modRevision: seen?.modRevision ?? 0 }], [{ key, value }]).done;
}

/** Pending affinity, block, confirmation: three writes. Returns whether the block is this node's in the end. */
function* claimBlock(original: Original, cidr: Cidr): Steps<boolean> {
  const key = keyOf(affinityRef(original.node, cidr));
  if (!(yield* cas(original, key, undefined, state('pending')))) {
    const claim = yield* readEntry(original, key);
    if (claim === undefined || !(yield* cas(original, key, claim, state('pending')))) return false;
  }
  const fresh: Block = { ...newBlock(cidr, original.node, original.now), attributes: null };
  if (!(yield* cas(original, blockKey(cidr), undefined, encodeBlock(fresh)))) {
    const there = yield* readEntry(original, blockKey(cidr));
    if (there === undefined || !isOwnedBy(decodeBlock(cidr, there.value, there.key), original.node)) {
      const claim = yield* readEntry(original, key);
      if (claim !== undefined) yield* cas(original, key, claim, undefined);
      return false;
    }
  }
  const claim = yield* readEntry(original, key);
  if (claim !== undefined) yield* cas(original, key, claim, state('confirmed'));
  return true;
}

/** Resolves the affinity (as Calico), increments the handle, then writes the block; decrements the handle when that fails. */
function* assignIn(original: Original, cidr: Cidr, claimed: boolean): Steps<string | undefined> {
  for (let tries = 0; tries < RETRIES; tries++) {
    if (claimed && !(yield* resolve(original, cidr))) return undefined;
    const entry = yield* readEntry(original, blockKey(cidr));
    const after = entry && taken(original, cidr, decodeBlock(cidr, entry.value, entry.key), claimed);
    if (entry === undefined || after === undefined) return undefined;
    yield* countHandle(original, cidr, 1);
    if (yield* cas(original, entry.key, entry, encodeBlock(after.block))) return after.address;
    yield* countHandle(original, cidr, -1);
  }
  return undefined;
}

/** The block with its next free address assigned, if there is one and, in an own block, if it is still ours. */
function taken(original: Original, cidr: Cidr, block: Block, claimed: boolean) {
  const ordinal = firstFree(block, cidr, { 4: [], 6: [] });
  if (ordinal === undefined || (claimed && !isOwnedBy(block, original.node))) return undefined;
  const secondary = { node: original.node, timestamp: `${original.container}@${original.now}` };
  const after = allocate(block, [ordinal], { handle_id: handleOf(original), secondary });
  return { block: after, address: nthAddress(cidr, ordinal) };
}

function* resolve(original: Original, cidr: Cidr): Steps<boolean> {
  const claim = yield* readEntry(original, keyOf(affinityRef(original.node, cidr)));
  if (claim === undefined) return false;
  const entry = yield* readEntry(original, blockKey(cidr));
  if (entry === undefined) return yield* claimBlock(original, cidr);
  const block = decodeBlock(cidr, entry.value, entry.key);
  if (!isOwnedBy(block, original.node)) {
    yield* cas(original, claim.key, claim, undefined);
    return false;
  }
  if (claim.value === state('confirmed')) return true;
  if (!(yield* cas(original, claim.key, claim, state('pending')))) return false;
  const pending = original.model.get(claim.key);
  if (!(yield* cas(original, entry.key, entry, encodeBlock(rewritten(block))))) return false;
  yield* cas(original, claim.key, pending, state('confirmed'));
  return true;
}

function* countHandle(original: Original, cidr: Cidr, by: number): Steps<undefined> {
  const key = handleKey(handleOf(original));
  for (let tries = 0; tries < RETRIES; tries++) {
    const entry = yield* readEntry(original, key);
    const held = counts(entry);
    const count = (held[cidr.text] ?? 0) + by;
    if (count < 0 || (entry === undefined && by < 0)) return undefined;
    const { [cidr.text]: _, ...others } = held;
    const after = count === 0 ? others : { ...others, [cidr.text]: count };
    const value = Object.keys(after).length === 0 ? undefined : JSON.stringify({ block: after, deleted: false });
    if (yield* cas(original, key, entry, value)) return undefined;
  }
  return undefined;
}

function* releaseIn(original: Original, cidr: Cidr): Steps<number> {
  for (let tries = 0; tries < RETRIES; tries++) {
    const entry = yield* readEntry(original, blockKey(cidr));
    if (entry === undefined || parseBlockKey(entry.key) === undefined) return 0;
    const block = decodeBlock(cidr, entry.value, entry.key);
    const ordinals = ordinalsOf(block, handleOf(original));
    if (ordinals.length === 0) return 0;
    const after = release(block, ordinals, { now: original.now, cooldown: 0, stamp: false });
    const gone = after.affinity === null && isEmpty(after);
    if (yield* cas(original, entry.key, entry, gone ? undefined : encodeBlock(after))) return ordinals.length;
  }
  return 0;
}
