import { test as plain } from 'vitest';
import { type Dump, type Etcd, startEtcd } from '../../support/etcd/etcd.ts';
import { type Host, startHost } from '../../support/host/host.ts';
import { BASE, node } from '../../support/stored/cluster.ts';
import { type Follower, startFollower } from '../../support/watch/follower.ts';

/** A machine with an etcd, and processes that keep a copy of what is stored there. */
export interface Stage {
  readonly host: Host;
  etcd(): Etcd;
  /** Starts a process with a copy; more of its environment, such as other endpoints. */
  follow(env?: Readonly<Record<string, string>>): Promise<Follower>;
  /** Kills etcd. `restart` starts it with its data. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  close(): Promise<void>;
}

export const ENDPOINT = 'http://127.0.0.1:2379';

async function openStage(): Promise<Stage> {
  const host = await startHost();
  let etcd = await startEtcd(host);
  await etcd.put(BASE);
  const followers: Follower[] = [];
  return {
    host,
    etcd: () => etcd,
    follow: async (env = {}) => {
      const follower = await startFollower(host, { DATASTORE_TYPE: 'etcdv3', ETCD_ENDPOINTS: ENDPOINT, ...env });
      followers.push(follower);
      return follower;
    },
    kill: () => etcd.stop(),
    restart: async () => {
      etcd = await startEtcd(host);
    },
    close: async () => {
      for (const follower of followers) await follower.stop();
      await etcd.stop();
      await host.stop();
    },
  };
}

/** vitest's test with its own stage. */
export const test = plain.extend<{ stage: Stage }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the names of what a fixture needs
  stage: async ({}, use) => {
    const stage = await openStage();
    try {
      await use(stage);
    } finally {
      await stage.close();
    }
  },
});

/** Stored nodes by number: node7 has 10.0.0.7. */
export const nodes = (...numbers: readonly number[]): Dump =>
  Object.assign({}, ...numbers.map((number) => node(`node${number}`, `10.0.0.${number}/24`)));

export const has = (follower: Follower, ...names: readonly string[]) =>
  follower.until(
    ({ holds }) =>
      Object.keys(holds?.nodes ?? {})
        .toSorted()
        .join() === names.toSorted().join(),
  );
