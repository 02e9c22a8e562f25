import { setTimeout as sleep } from 'node:timers/promises';
import { describe } from 'vitest';
import type { Member } from '../../support/etcd/members.ts';
import { caliLinks } from '../../support/network/netns.ts';
import { test } from './stage.ts';

type Three = readonly [Member, Member, Member];

/**
 * Faults that two of three members can survive, or that pass in seconds. `members`: the leader first, as configured.
 */
const SURVIVED: readonly { name: string; trouble: (members: Three) => Promise<unknown> }[] = [
  { name: 'the leader is killed', trouble: ([leader]) => leader.kill() },
  { name: 'the leader hangs', trouble: async ([leader]) => leader.etcd().pause() },
  { name: 'the leader is cut off from everything', trouble: ([leader]) => leader.cutOff() },
  { name: 'the leader is cut off from the other members only', trouble: ([leader]) => leader.isolate() },
  {
    name: 'the first member has long been cut off from the others',
    trouble: async ([leader]) => {
      await leader.isolate();
      await sleep(2000);
    },
  },
  {
    name: 'a follower is cut off from the others, and is asked first',
    trouble: async ([, follower]) => {
      await follower.isolate();
      await sleep(2000);
    },
  },
];

describe.concurrent('with three members', () => {
  test.for(SURVIVED)(
    'ADD, STATUS and DEL work while $name',
    { timeout: 120_000 },
    async ({ name, trouble }, { stage, expect }) => {
      const members = await stage.members.leaderFirst();
      const asked = name.includes('asked first') ? ([members[1], members[0], members[2]] as const) : members;
      const [before, during] = [await stage.container(), await stage.container()];
      await stage.works('ADD', before, asked);
      await trouble(members);
      await stage.works('STATUS', before, asked);
      await stage.works('ADD', during, asked);
      await stage.works('DEL', before, asked);
      await stage.works('DEL', during, asked);
      expect(await stage.journal()).toEqual([]);
      expect(await caliLinks(stage.host)).toEqual([]);
      const stored = JSON.stringify(await stage.members.dump());
      for (const { containerID } of [before, during]) expect(stored).not.toContain(containerID);
    },
  );
});

/** Faults that no call can survive. */
const FATAL: readonly { name: string; trouble: (members: Three) => Promise<unknown>; says: RegExp; details: RegExp }[] =
  [
    {
      name: 'two of three are killed',
      trouble: ([one, two]) => Promise.all([one.kill(), two.kill()]),
      says: /^etcd has no leader: /,
      details: /no leader/,
    },
    {
      name: 'every member is cut off from the others',
      trouble: (members) => Promise.all(members.map((each) => each.isolate())).then(() => sleep(2000)),
      says: /^etcd has no leader: /,
      details: /no leader/,
    },
    {
      name: 'all are killed',
      trouble: (members) => Promise.all(members.map((each) => each.kill())),
      says: /^etcd cannot be reached: /,
      details: /ECONNREFUSED/,
    },
    {
      name: 'all hang',
      trouble: async (members) => members.forEach((each) => void each.etcd().pause()),
      says: /^etcd does not answer: /,
      details: /no connection within/,
    },
  ];

describe.concurrent('with three unusable members', () => {
  test.for(FATAL)(
    'ADD and STATUS name each one, and DEL is journaled and completed later, when $name',
    { timeout: 240_000 },
    async ({ trouble, says, details }, { stage, expect }) => {
      const { all } = stage.members;
      const [held, refused, next] = [await stage.container(), await stage.container(), await stage.container()];
      await stage.works('ADD', held, all);
      await trouble(all);
      const error = { msg: expect.stringMatching(says), details: expect.stringMatching(details) };
      const byAdd = await stage.fails('ADD', refused, all);
      expect(byAdd).toMatchObject({ code: 11, ...error });
      for (const { endpoint } of all) expect(byAdd.msg).toContain(endpoint);
      expect(await stage.fails('STATUS', held, all)).toMatchObject({ code: 50, ...error });
      await stage.works('DEL', held, all);
      expect(stage.journal()).toEqual([expect.stringContaining(held.containerID)]);
      expect(await caliLinks(stage.host)).toEqual([]);
      for (const each of all) if (!each.etcd().isRunning()) void each.restart();
      await stage.members.dump();
      await stage.works('ADD', next, all);
      expect(stage.journal()).toEqual([]);
      const stored = JSON.stringify(await stage.members.dump());
      expect(stored).not.toContain(held.containerID);
      expect(stored).toContain(next.containerID);
      await stage.works('DEL', next, all);
    },
  );
});
