import { afterEach, expect, test } from 'vitest';
import { keepPart } from '../../../node/run/kept-part.ts';
import type { Part } from '../../../node/run/part.ts';
import type { NetworkState } from '../../../node/state/network-state.ts';
import { failure } from '../../../shared/error/failure.ts';
import { sleep } from '../../../shared/system/pause.ts';

const EMPTY = {
  node: 'n1',
  nodes: new Map(),
  pools: [],
  blocks: [],
  bgpConfigurations: new Map(),
  bgpPeers: new Map(),
  bgpFilters: new Map(),
  felixConfigurations: new Map(),
  services: [],
} as const satisfies NetworkState;

async function until(isThere: () => boolean): Promise<void> {
  while (!isThere()) await sleep(5);
}

let stop = () => {};
afterEach(() => stop());

/** A kept part, and what it has said. */
function kept(part: Partial<Part>) {
  let state: NetworkState | undefined = EMPTY;
  const said: string[] = [];
  const voice = {
    say: (text: string) => void said.push(text),
    complain: (text: string) => void said.push(`! ${text}`),
  };
  const whole: Part = { name: 'x', apply: async () => [], problem: () => undefined, stop: async () => {}, ...part };
  const keeping = keepPart(whole, () => state, { world: { random: () => new Uint8Array(1) }, voice, done: () => {} });
  stop = () => keeping.stop();
  const change = (next: NetworkState | undefined) => {
    state = next;
    keeping.wake();
  };
  return { keeping, said, change };
}

test('a part is brought to each new state, and says what it changed', async () => {
  const seen: NetworkState[] = [];
  const { keeping, said, change } = kept({
    apply: async (state) => {
      seen.push(state);
      return [`state ${seen.length}`];
    },
  });
  await until(() => keeping.isDone());
  const next = { ...EMPTY };
  change(next);
  expect(keeping.isDone()).toBe(false);
  await until(() => keeping.isDone());
  expect(seen).toEqual([EMPTY, next]);
  expect(said).toEqual(['x: state 1\n', 'x: state 2\n']);
});

test('a state that comes while a part works is not lost', async () => {
  const seen: NetworkState[] = [];
  let go = () => {};
  const { keeping, change } = kept({
    apply: async (state) => {
      seen.push(state);
      if (seen.length === 1) await new Promise<void>((resolve) => (go = resolve));
      return [];
    },
  });
  await until(() => seen.length === 1);
  const next = { ...EMPTY };
  change(next);
  go();
  await until(() => keeping.isDone());
  expect(seen.at(-1)).toBe(next);
});

test('a failure is told once, tried again, and its end is told', async () => {
  let tries = 0;
  const { keeping, said } = kept({
    apply: async () => {
      if (++tries < 3) throw failure('no device', 'make one');
      return [];
    },
  });
  await until(() => tries === 1);
  expect(keeping.problem()).toBe('no device');
  for (let woken = 0; woken < 5; woken++) keeping.wake();
  expect(tries).toBe(1);
  await until(() => keeping.isDone());
  expect(said).toEqual(['! x: no device\n  make one\n', 'x: works again\n']);
  expect(keeping.problem()).toBeUndefined();
});

test('what keeps a part from its work is told once, and is a problem', async () => {
  let problem: string | undefined = 'BIRD has died';
  const { keeping, said, change } = kept({ problem: () => problem });
  await until(() => keeping.isDone());
  change({ ...EMPTY });
  await until(() => keeping.isDone());
  expect(said).toEqual(['! x: BIRD has died\n']);
  expect(keeping.problem()).toBe('BIRD has died');
  problem = undefined;
  expect(keeping.problem()).toBeUndefined();
});

test('nothing is done without a state, and nothing after the end', async () => {
  let tries = 0;
  const { keeping, change } = kept({
    apply: async () => {
      tries++;
      return [];
    },
  });
  await until(() => keeping.isDone());
  change(undefined);
  await sleep(20);
  keeping.stop();
  change({ ...EMPTY });
  await sleep(20);
  expect(tries).toBe(1);
});
