import type { Finding } from '../../ctl/check/finding.ts';
import { inspectBy } from '../../ctl/check/inspect.ts';
import type { Inspection } from '../../ctl/check/inspection.ts';
import type { Store } from '../../shared/datastore/store.ts';
import { prefixEnd } from '../../shared/datastore/view.ts';
import type { Scan } from '../../shared/etcd/scan.ts';
import { silent } from '../../shared/log/log.ts';
import { fakeWorld } from '../unit/fake-world.ts';
import type { EtcdModel } from './etcd-model.ts';

/** Pages of a model, as etcd would give them. */
function scanOf(model: EtcdModel): Scan {
  return {
    async *pages(prefix, size) {
      for (let from = prefix; ; ) {
        const [answer] = model.read([{ from, to: prefixEnd(prefix), limit: size }]);
        yield answer?.entries ?? [];
        if (answer?.more !== true) return;
        from = `${answer.entries.at(-1)?.key}\0`;
      }
    },
    revision: () => 1,
    close: () => {},
  };
}

/** A check of a model at a moment, away from any node. */
export function inspectModel(model: EtcdModel, now: bigint, grace = 300): Promise<Inspection> {
  const world = { ...fakeWorld({}), now: () => now };
  return inspectBy({ world, progress: () => {} }, scanOf(model), { grace, node: undefined });
}

/** Findings as `kind text`, those of a kind together. */
export const told = (findings: readonly Finding[]): readonly string[] =>
  findings.map(({ kind, text }) => `${kind} ${text}`).sort();

/** What a repair of a model needs; it does not wait. */
export function menderOf(model: EtcdModel, now: bigint) {
  const store: Store = {
    read: async (reads) => model.read(reads),
    commit: async (compares, writes) => model.commit(compares, writes),
    close: () => {},
  };
  const world = { ...fakeWorld({}), now: () => now };
  const means = { world, log: silent, store, deadline: 1_000, progress: () => {} };
  return { means, options: { dryRun: false, readAt: -60_000, openScan: () => scanOf(model) } };
}
