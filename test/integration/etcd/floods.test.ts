import { rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it, test } from 'vitest';
import { FLOOD_NAMES, floods, pagesOf, unfolding } from './floods.ts';
import type { Order } from './probe.ts';
import { briefly, buildProbe, probe, RUNTIMES, type Runtimes } from './runtimes.ts';
import { empty, type Hostile, http2 } from './servers.ts';

let runtimes: Runtimes;
const open: Hostile[] = [];
beforeAll(async () => {
  runtimes = await buildProbe();
});
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});
afterAll(() => rmSync(runtimes.folder, { recursive: true }));

async function started(start: Promise<Hostile>): Promise<Hostile> {
  const server = await start;
  open.push(server);
  return server;
}

const order = (verb: Order['verb'], ...servers: readonly Hostile[]): Order => ({
  verb,
  key: '/k',
  config: briefly(
    servers.map(({ port }) => `http://127.0.0.1:${port}`),
    // Megabytes take time on a busy machine.
    { limits: { connect: 9_000, request: 20_000, patience: 60 } },
  ),
  deadline: 40_000,
});

/** Megabytes: an answer of 64 as bytes, as a whole and as text, plus the runtime itself. */
const MOST_MEMORY = 500;

/** The limit that each flood exceeds. */
const reasonOf = (name: string): RegExp => {
  if (/large$/.test(name)) return /a ping of 16384 bytes/;
  if (/header block|expand/.test(name)) return /headers of more than 64 KB/;
  if (/^an answer (?:without end|in bytes)/.test(name)) return /the answer is larger than the limit of 64 MB/;
  return /more than 1000 frames that are not part of an answer/;
};

describe.each(RUNTIMES)('under %s', (runtime) => {
  const run = (asked: Order) => probe(runtimes[runtime], asked);

  test.each(FLOOD_NAMES)('a server that sends %s costs little memory and is reported as such', async (name) => {
    const server = await started(floods(name));
    const report = await run(order('read', server));
    expect(report).toMatchObject({ code: 11, details: expect.stringMatching(reasonOf(name)) });
    expect(report.details).toContain(`http://127.0.0.1:${server.port}: `);
    expect(report.peak).toBeLessThan(MOST_MEMORY);
  });

  it.each(['an answer without end', 'pings, and reads no answer'])(
    'tries the next endpoint when the first sends %s, and a commit is in doubt',
    async (name) => {
      const [first, second] = [await started(floods(name)), await started(http2(empty))];
      expect(await run(order('read', first, second))).toMatchObject({ answer: expect.any(Array) });
      expect(await run(order('commit', first))).toMatchObject({ code: 11, kind: 'outcome unknown' });
    },
  );

  test.each([
    ['entries', [0x12, 0] as const, /more than 250000 messages/],
    ['members of no name', [0x2a, 0] as const, /more than 2000000 fields/],
  ])('an answer made of empty %s costs little memory, and is refused', async (_, field, why) => {
    const report = await run(order('read', await started(unfolding(field, 60 << 20))));
    expect(report.details).toMatch(why);
    expect(report.peak).toBeLessThan(MOST_MEMORY);
  });

  // An HTTP/2 window is at most two gigabytes. Node, which the product does not use, takes as long for a tenth of that.
  it('reads more than a maximum window on one connection, without keeping it in memory', {
    timeout: 300_000,
  }, async () => {
    const [pages, size] = [runtime === 'native' ? 70 : 7, 32 << 20];
    const server = await started(pagesOf(pages, size));
    const report = await run({ ...order('scan', server), deadline: 240_000 });
    expect(report.answer).toEqual({ pages, characters: pages * size });
    expect(server.requests()).toBe(pages);
    expect(report.peak).toBeLessThan(800);
  });
});
