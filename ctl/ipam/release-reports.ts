import { readHandle } from '../../ipam/block/handle.ts';
import { releaseAddresses } from '../../ipam/release/release-address.ts';
import { VERSION } from '../../shared/call/version.ts';
import { get } from '../../shared/datastore/query.ts';
import { handleRef } from '../../shared/datastore/ref.ts';
import { transact } from '../../shared/datastore/transaction.ts';
import { isUnavailable } from '../../shared/datastore/unavailable.ts';
import type { Outcome, Plan } from '../../shared/datastore/view.ts';
import { failure } from '../../shared/error/failure.ts';
import { readClusterState } from '../check/cluster-state.ts';
import type { ClusterState } from '../check/inspection.ts';
import { type LeakedAddress, type LeakedHandle, parseReport, type Report } from '../check/report.ts';
import type { Context } from '../command-line/context.ts';
import { readText } from '../repair/repair-command.ts';

/** Releases what all reports call leaked, under the original's conditions and with its words. Returns the exit status. */
export async function releaseFromReports(context: Context, files: readonly string[], force: boolean): Promise<number> {
  const cluster = await readClusterState(context);
  const reports = files.map((file) => accepted(context, cluster, file, force));
  if (!reports.some((report) => report.clusterInformationRevision === cluster.version)) {
    throw failure(
      'the provided reports are all stale - at least one should be up-to-date. Please generate a new report while the data store is locked and try again',
    );
  }
  requireLock(context, cluster, force);
  const addresses = common(
    reports.map(({ leaked }) => leaked),
    ({ address, handleID }) => `${address} ${handleID}`,
  );
  const handles = common(
    reports.map(({ leakedHandles }) => leakedHandles),
    ({ handleID, revision }) => `${handleID} ${revision}`,
  );
  const clean = (await freeAll(context, addresses)) && (await dropAll(context, handles));
  context.out('You may now unlock the data store.\n');
  return clean ? 0 : 1;
}

function accepted(context: Context, cluster: ClusterState, file: string, force: boolean): Report {
  const report = parseReport(file, readText(file));
  if (report.clusterGUID !== cluster.guid) {
    throw failure(`cluster does not match the provided report (${file}): mismatched cluster GUID. Refusing to release`);
  }
  if (report.version !== VERSION) {
    const what = `the provided report (${file}) was produced using a different version (${report.version}) of calicoctl`;
    if (!force) throw failure(`${what}. Refusing to release`);
    context.out(
      'WARNING: Report was produced using a different version of calicoctl. Ignoring due to --force option\n',
    );
  }
  return report;
}

function requireLock(context: Context, { locked }: ClusterState, force: boolean): void {
  if (locked) return;
  if (!force) {
    throw failure('data store is not locked. Either lock the data store, or re-run with --force');
  }
  context.out('WARNING: Data store is not locked. Ignoring due to --force option\n');
}

/** What is in all lists, as the last list has it. */
function common<T>(lists: readonly (readonly T[])[], identity: (item: T) => string): readonly T[] {
  const sets = lists.map((list) => new Set(list.map(identity)));
  return (lists.at(-1) ?? []).filter((item) => sets.every((set) => set.has(identity(item))));
}

/** Addresses released in one transaction. */
const MOST = 30;

async function freeAll(context: Context, leaked: readonly LeakedAddress[]): Promise<boolean> {
  if (leaked.length === 0) {
    context.out("Report didn't contain any leaked IPs to clean up.\n");
    return true;
  }
  context.out(`Releasing ${leaked.length} old IPs...\n`);
  const sum = { released: 0, unallocated: 0 };
  const conflicts: string[] = [];
  for (let at = 0; at < leaked.length; at += MOST) {
    const addresses = leaked.slice(at, at + MOST).map(({ address, handleID, sequenceNumber }) => ({
      address,
      ...(handleID === '' ? {} : { handleID }),
      ...(sequenceNumber === undefined ? {} : { sequenceNumber }),
    }));
    const done = await transact(context, () => releaseAddresses({ addresses, now: context.world.now() }));
    sum.released += done.released.length;
    sum.unallocated += done.unallocated.length;
    conflicts.push(...done.conflicts.map(({ message, cause }) => `${message}: ${cause}`));
  }
  for (const conflict of conflicts) context.err(`An error occurred while releasing some IPs: ${conflict}\n`);
  context.out(`Released ${sum.released} IPs successfully\n`);
  if (sum.unallocated > 0) {
    context.out(`${sum.unallocated} addresses marked as leaked in the report had already been cleaned up.\n`);
  }
  return conflicts.length === 0;
}

async function dropAll(context: Context, handles: readonly LeakedHandle[]): Promise<boolean> {
  if (handles.length === 0) {
    context.out("Report didn't contain any handles to clean up.\n");
    return true;
  }
  context.out(`Deleting ${handles.length} handles...\n`);
  const sum = { released: 0, skipped: 0, errors: 0 };
  for (const handle of handles) {
    try {
      if (await transact(context, () => drop(handle))) sum.released++;
      else sum.skipped++;
    } catch (thrown) {
      if (isUnavailable(thrown)) throw thrown;
      sum.errors++;
      const why = thrown instanceof Error ? thrown.message : String(thrown);
      context.err(`Deleting handle ${handle.handleID} failed: ${why}\n`);
    }
  }
  context.out(`Released ${sum.released} handles; ${sum.skipped} skipped; ${sum.errors} errors.\n`);
  return sum.errors === 0;
}

/** Deletes a handle if it is as in the report. Returns whether it was. */
function* drop({ handleID, revision }: LeakedHandle): Plan<Outcome<boolean>> {
  const view = yield [get(handleRef(handleID))];
  const { ref, stored } = readHandle(view, handleID);
  const isSame = stored && view.get(ref)?.version === revision;
  return { changes: isSame ? [{ ref, next: undefined }] : [], answer: isSame };
}
