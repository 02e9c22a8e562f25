import { existsSync, readdirSync } from 'node:fs';
import { expect, test as plain } from 'vitest';
import type { Container } from '../../support/bed/bed.ts';
import { type CniFailure, callPlugin, failureOf } from '../../support/calls/call.ts';
import { listed, type Member, type Members, type MembersOptions, startMembers } from '../../support/etcd/members.ts';
import { type Host, type Ran, startHost } from '../../support/host/host.ts';
import { violations } from '../../support/invariants/invariants.ts';
import { addNetns, netnsPath } from '../../support/network/netns.ts';
import { BASE, type Conf, conf } from '../../support/stored/cluster.ts';

export const VERBS = ['ADD', 'STATUS', 'DEL'] as const;
type Verb = (typeof VERBS)[number];

/** A call that takes longer hangs, however loaded the machine is: twice the plugin's own limit. */
const HANGS_AFTER_MS: Readonly<Record<Verb, number>> = { ADD: 90_000, STATUS: 20_000, DEL: 40_000 };

export interface Changes {
  readonly conf?: Conf;
  readonly env?: Readonly<Record<string, string>>;
}

/** A machine with three etcd members and the cluster of the recordings. */
export interface Stage {
  readonly host: Host;
  readonly members: Members;
  container(): Promise<Container>;
  /** A call with these endpoints. Returns its result, unless it hangs. */
  call(verb: Verb, container: Container, endpoints: readonly Member[] | string, changes?: Changes): Promise<Ran>;
  works(verb: Verb, container: Container, endpoints: readonly Member[] | string, changes?: Changes): Promise<void>;
  fails(
    verb: Verb,
    container: Container,
    endpoints: readonly Member[] | string,
    changes?: Changes,
  ): Promise<CniFailure>;
  /** Names of the journal's entries. */
  journal(): readonly string[];
  close(): Promise<void>;
}

async function openStage(options: MembersOptions = {}, more: Conf = {}): Promise<Stage> {
  const host = await startHost();
  const members = await startMembers(host, options);
  await members.put(BASE);
  let made = 0;
  const call: Stage['call'] = async (verb, { containerID, netns }, endpoints, changes = {}) => {
    const etcd_endpoints = typeof endpoints === 'string' ? endpoints : listed(endpoints);
    const full = conf({ cniVersion: '1.1.0', log_level: 'warning', etcd_endpoints, ...more, ...changes.conf });
    const who = verb === 'STATUS' ? {} : { containerID, netns: netnsPath(netns) };
    const ran = await callPlugin(host, {
      command: verb,
      ...who,
      conf: full,
      env: changes.env ?? {},
      killAfter: HANGS_AFTER_MS[verb],
    });
    if (ran.exit === undefined)
      throw new Error(`${verb} hangs: killed after ${HANGS_AFTER_MS[verb]} ms\n${ran.stderr}`);
    return ran;
  };
  return {
    host,
    members,
    container: async () => {
      const number = ++made;
      const netns = `pod${number}`;
      await addNetns(host, netns);
      return { containerID: `c${String(number).padStart(4, '0')}${'0123456789abcdef'.repeat(2)}`, netns };
    },
    call,
    works: async (verb, ...args) => {
      const ran = await call(verb, ...args);
      expect(ran.exit, `${verb}: ${ran.stdout}${ran.stderr}`).toBe(0);
    },
    fails: async (...args) => failureOf(await call(...args)),
    journal: () => {
      const folder = host.file('/var/lib/calico/cni-journal');
      return existsSync(folder) ? readdirSync(folder) : [];
    },
    close: async () => {
      await members.stop();
      await host.stop();
    },
  };
}

/** vitest's test with its own stage. Afterwards the data of a running member must satisfy the invariants of address management. */
export const test = plain.extend<{ options: MembersOptions; stage: Stage }>({
  options: {},
  stage: async ({ options }, use) => {
    const stage = await openStage(options);
    try {
      await use(stage);
      const dump = await stage.members.dump();
      if (dump !== undefined) expect(violations(dump), 'invariants of address management').toEqual([]);
    } finally {
      await stage.close();
    }
  },
});
