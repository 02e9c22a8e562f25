import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import type { Container } from '../../support/bed/bed.ts';
import type { Etcd } from '../../support/etcd/etcd.ts';
import { caliLinks } from '../../support/network/netns.ts';
import { type Stage, test, VERBS } from './stage.ts';

const QUOTA = 1 << 20;
const FILLER = 'x'.repeat(100_000);
const small = test.extend({ options: { flags: { 'quota-backend-bytes': String(QUOTA) } } });

describe.concurrent('an etcd in trouble', () => {
  small(
    'that is full makes ADD and DEL fail with what to do, and serves again when that is done',
    async ({ stage }) => {
      const { all } = stage.members;
      const [held, refused] = [await stage.container(), await stage.container()];
      await stage.works('ADD', held, all);
      await fill(stage);
      for (const [verb, container] of [
        ['ADD', refused],
        ['DEL', held],
      ] as const) {
        const failure = await stage.fails(verb, container, all);
        expect(failure).toMatchObject({ code: 11, msg: 'etcd is full' });
        expect(failure.details).toMatch(/10\.9\.0\.\d:2379: .*space exceeded.*compact and defragment.*alarm disarm/);
      }
      // STATUS only reads, and reads still work.
      await stage.works('STATUS', held, all);
      expect(await caliLinks(stage.host)).toEqual([]);
      expect(stage.journal()).toEqual([]);
      await clear(stage);
      await stage.works('DEL', held, all);
      await stage.works('ADD', refused, all);
      await stage.works('DEL', refused, all);
    },
  );

  test('that is constantly compacted and defragmented makes no call fail', { timeout: 120_000 }, async ({ stage }) => {
    const { all } = stage.members;
    const containers = await several(stage, 4);
    let compacted = 0;
    const work = Promise.all(
      containers.map(async (container) => {
        for (let round = 0; round < 3 || compacted < 4; round++) {
          for (const verb of VERBS) await stage.works(verb, container, all);
        }
      }),
    );
    for (let done = false; !done; compacted++) {
      await compact(stage);
      done = await Promise.race([work.then(() => true), sleep(50, false)]);
    }
  });

  // Like a disk that takes a sixth of a second for each write, during which the member is stopped.
  test('whose members are stopped nine tenths of the time is only slow', { timeout: 240_000 }, async ({ stage }) => {
    const { all } = stage.members;
    const containers = await several(stage, 3);
    let over = false;
    const stutter = (async () => {
      while (!over) {
        for (const each of all) each.etcd().pause();
        await sleep(150);
        for (const each of all) each.etcd().resume();
        await sleep(15);
      }
    })();
    try {
      await Promise.all(containers.map((container) => stage.works('ADD', container, all)));
      for (const container of containers) {
        const ran = await stage.call('STATUS', container, all);
        expect(ran.exit === 0 || /"code": 50/.test(ran.stdout), ran.stdout).toBe(true);
      }
      await Promise.all(containers.map((container) => stage.works('DEL', container, all)));
    } finally {
      over = true;
      await stutter;
    }
    await stage.works('ADD', await stage.container(), all);
    expect(stage.journal()).toEqual([]);
    const stored = JSON.stringify(await stage.members.dump());
    for (const { containerID } of containers) expect(stored).not.toContain(containerID);
  });

  test('that speaks plain HTTP is named as such when its endpoint has no scheme', async ({ stage }) => {
    const container = await stage.container();
    const bare = stage.members.all.map(({ endpoint }) => endpoint.slice('http://'.length)).join();
    for (const [verb, code] of [
      ['ADD', 11],
      ['STATUS', 50],
    ] as const) {
      const failure = await stage.fails(verb, container, bare);
      expect(failure.code).toBe(code);
      expect(failure.details).toMatch(/^10\.9\.0\.1:2379: .*write http:\/\/ if this etcd does not/);
    }
    await stage.works('DEL', container, bare);
  });
});

const several = (stage: Stage, count: number): Promise<readonly Container[]> =>
  Promise.all(Array.from({ length: count }, () => stage.container()));

async function fill(stage: Stage): Promise<void> {
  for (let at = 0; at < 50; at++) {
    try {
      await stage.members.put({ [`/filler/${at}`]: FILLER });
    } catch (thrown) {
      if (/space exceeded/.test(String(thrown))) return;
      throw thrown;
    }
  }
  throw new Error('etcd takes more than its quota');
}

async function compact(stage: Stage): Promise<void> {
  const [first] = stage.members.all;
  await first
    .etcd()
    .post('kv/compaction', { revision: await first.etcd().revision() })
    .catch(compactedAlready);
  for (const each of stage.members.all) await each.etcd().post('maintenance/defragment', {});
}

function compactedAlready(thrown: unknown): void {
  if (!/has been compacted/.test(String(thrown))) throw thrown;
}

/** What the message advises the operator to do. */
async function clear(stage: Stage): Promise<void> {
  const { post, dump, del } = stage.members.all[0].etcd();
  await del(...Object.keys(await dump('/filler/')));
  await compact(stage);
  for (const member of stage.members.all) await shrink(member.etcd());
  const { alarms = [] } = (await post('maintenance/alarm', { action: 'GET' })) as { alarms?: readonly object[] };
  for (const alarm of alarms) await post('maintenance/alarm', { ...alarm, action: 'DEACTIVATE' });
}

/** Defragments until the space is free: a member removes what was compacted a little later. */
async function shrink({ post }: Pick<Etcd, 'post'>): Promise<void> {
  for (;;) {
    const { dbSize } = (await post('maintenance/status', {})) as { dbSize?: string };
    if (Number(dbSize) < QUOTA / 2) return;
    await sleep(100);
    await post('maintenance/defragment', {});
  }
}
