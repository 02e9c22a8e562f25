import type { Finding } from '../../../ctl/check/finding.ts';
import { inspectBy } from '../../../ctl/check/inspect.ts';
import type { Inspection } from '../../../ctl/check/inspection.ts';
import type { Scan } from '../../../shared/datastore/datastore.ts';
import { silent } from '../../../shared/log/log.ts';
import { connect } from '../fake-datastore/connection.ts';
import { scanOf } from '../fake-datastore/fake-scan.ts';
import type { FakeStore } from '../fake-datastore/fake-store.ts';
import { fakeWorld } from '../host/fake-world.ts';

/** The virtual machines of a cluster that has any, as `namespace/name`. */
type Machines = ReadonlySet<string>;

const scanWith = (model: FakeStore, machines: Machines | undefined): Scan =>
  machines === undefined ? scanOf(model) : { ...scanOf(model), virtualMachines: async () => machines };

/** Runs a check of a model at a given time, on no node. */
export function inspectModel(model: FakeStore, now: bigint, grace = 300, machines?: Machines): Promise<Inspection> {
  const world = { ...fakeWorld({}), now: () => now };
  return inspectBy({ world, progress: () => {} }, scanWith(model, machines), { grace, node: undefined });
}

/** Findings as `kind text`, grouped by kind. */
export const linesOf = (findings: readonly Finding[]): readonly string[] =>
  findings.map(({ kind, text }) => `${kind} ${text}`).sort();

/** What a repair of a model needs; it does not wait. */
export function menderOf(model: FakeStore, now: bigint, machines?: Machines) {
  const world = { ...fakeWorld({}), now: () => now };
  const means = { world, log: silent, store: connect(model), deadline: 1_000, progress: () => {} };
  return { means, options: { dryRun: false, readAt: -60_000, openScan: () => scanWith(model, machines) } };
}
