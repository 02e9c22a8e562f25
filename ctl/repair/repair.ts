import type { Scan } from '../../shared/datastore/datastore.ts';
import { textOf } from '../../shared/datastore/ref.ts';
import { transact } from '../../shared/datastore/transaction.ts';
import { isUnavailable } from '../../shared/datastore/unavailable.ts';
import type { Outcome, Plan } from '../../shared/datastore/view.ts';
import { parseAddress } from '../../shared/net/address.ts';
import { parseCidr } from '../../shared/net/cidr.ts';
import { sleep } from '../../shared/system/pause.ts';
import { type AddressNumber, type Endpoint, nameOf, numberOf, openUsers, type Users } from '../check/endpoints.ts';
import { type Finding, type FindingKind, meaningOf } from '../check/finding.ts';
import { readEndpoints } from '../check/inspect.ts';
import { machineOf } from '../check/machines.ts';
import type { Context } from '../command-line/context.ts';
import { dryRunStore } from './dry-run-store.ts';
import { mendBlock } from './mend-block.ts';
import { mendHandle } from './mend-handle.ts';
import { mendLost } from './mend-lost.ts';
import { mendStored } from './mend-stored.ts';
import { MOST_LEAKS, releaseLeaked } from './release-leaked.ts';
import { left, type Mended, mended, type RepairVerdict } from './verdict.ts';

const HANDLES: readonly FindingKind[] = ['handle-missing', 'handle-leaked', 'handle-miscounted'];
/** Findings that are not repaired together with others of their block. */
const ALONE: readonly FindingKind[] = ['leaked', 'lost-block', 'half-deleted', 'unlabelled', ...HANDLES];
/** States that the original passes through between two writes. */
const PASSING: readonly FindingKind[] = [
  ...HANDLES,
  'lost-block',
  'pending',
  'blockless',
  'stale-claim',
  'unclaimed',
  'abandoned',
  'half-deleted',
];
/** How old such a state must be, in milliseconds. */
const PATIENCE_MS = 5_000;

export interface RepairOptions {
  /** Writes nothing, but returns the same verdicts. */
  readonly dryRun: boolean;
  /** `World.elapsed()` when the findings were read. */
  readonly readAt: number;
  openScan(): Scan;
}

type RepairContext = Pick<Context, 'world' | 'log' | 'store' | 'deadline' | 'progress'>;

/** Repairs the findings where possible, and returns what happened to each. Throws 'datastore unavailable'. */
export async function repair(
  context: RepairContext,
  findings: readonly Finding[],
  { dryRun, readAt, openScan }: RepairOptions,
): Promise<readonly RepairVerdict[]> {
  const byHand = findings.filter(({ kind }) => meaningOf(kind).advice !== undefined);
  const mendable = findings.filter((finding) => !byHand.includes(finding));
  if (!dryRun && mendable.some(({ kind }) => PASSING.includes(kind))) await letPass(context, readAt);
  const mender = openMender(context, dryRun);
  const verdicts = byHand.map((finding) => left(finding, meaningOf(finding.kind).advice ?? ''));
  verdicts.push(...(await finishDeletions(context, mendable, dryRun)));
  for (const finding of mendable.filter(({ kind }) => kind === 'unlabelled')) {
    verdicts.push(...(await mender([finding], ({ ours }) => mendStored(finding, ours))));
  }
  const lost = mendable.filter(({ kind }) => kind === 'lost-block');
  for (const finding of lost) {
    const cidr = parseCidr(finding.cidr ?? '');
    if (cidr !== undefined) verdicts.push(...(await mender([finding], (moment) => mendLost(cidr, finding, moment))));
  }
  verdicts.push(...(await releaseLeaks(mender, mendable, (leaks) => readUse(context, openScan(), leaks))));
  const blocks = mendable.filter(({ kind }) => !ALONE.includes(kind));
  for (const [text, members] of grouped(blocks)) {
    const cidr = parseCidr(text);
    if (cidr === undefined) continue;
    verdicts.push(...(await mender(members, ({ now, ours }) => mendBlock(cidr, members, { now, ours }))));
  }
  for (const finding of mendable.filter(({ kind }) => HANDLES.includes(kind))) {
    verdicts.push(...(await mender([finding], ({ ours }) => mendHandle(finding, ours))));
  }
  context.progress('');
  return verdicts;
}

/** Waits until the data is so old that a running plugin would have changed it. */
async function letPass({ world, progress }: RepairContext, readAt: number): Promise<void> {
  const wait = readAt + PATIENCE_MS - world.elapsed();
  if (wait <= 0) return;
  progress('Waiting for changes in progress to finish …');
  await sleep(wait);
}

/** Removes what other programs have only marked as deleted. */
async function finishDeletions(
  { store, deadline }: RepairContext,
  findings: readonly Finding[],
  dryRun: boolean,
): Promise<readonly RepairVerdict[]> {
  const halves = findings.filter(({ kind }) => kind === 'half-deleted');
  if (halves.length > 0 && !dryRun) await store.finishDeletions?.(deadline);
  return halves.map(mended);
}

interface Moment {
  readonly now: bigint;
  readonly ours: ReadonlySet<string>;
}

type Mender = (
  findings: readonly Finding[],
  plan: (moment: Moment) => Plan<Outcome<Mended>>,
) => Promise<readonly RepairVerdict[]>;

/** Carries out repairs one after the other, remembering what was written. */
function openMender(context: RepairContext, dryRun: boolean): Mender {
  const { world, log } = context;
  const ours = new Set<string>();
  const store = dryRun ? dryRunStore(context.store) : context.store;
  let count = 0;
  return async (findings, plan) => {
    count += findings.length;
    context.progress(`Repairing … ${count}`);
    try {
      const options = { store, world, log, deadline: context.deadline };
      const { verdicts, wrote } = await transact(options, () => plan({ now: world.now(), ours }));
      for (const ref of wrote) ours.add(textOf(ref));
      return verdicts;
    } catch (thrown) {
      // An unreadable value must not prevent other repairs. Without the datastore, stop.
      if (isUnavailable(thrown)) throw thrown;
      return findings.map((finding) => left(finding, thrown instanceof Error ? thrown.message : String(thrown)));
    }
  };
}

function grouped(findings: readonly Finding[]): ReadonlyMap<string, readonly Finding[]> {
  const groups = new Map<string, readonly Finding[]>();
  for (const finding of findings) {
    const { cidr = '' } = finding;
    groups.set(cidr, [...(groups.get(cidr) ?? []), finding]);
  }
  return groups;
}

type IsUsed = (finding: Finding) => string | undefined;

/** Releases leaked addresses, except those that an endpoint uses now. */
async function releaseLeaks(
  mender: Mender,
  findings: readonly Finding[],
  read: (leaks: readonly Finding[]) => Promise<IsUsed>,
): Promise<readonly RepairVerdict[]> {
  const leaks = findings.filter(({ kind }) => kind === 'leaked');
  if (leaks.length === 0) return [];
  const isUsed = await read(leaks);
  const verdicts: RepairVerdict[] = [];
  for (const [text, members] of grouped(leaks)) {
    const cidr = parseCidr(text);
    if (cidr === undefined) continue;
    const judged = members.map((finding) => [finding, isUsed(finding)] as const);
    verdicts.push(...judged.flatMap(([finding, why]) => (why === undefined ? [] : left(finding, why))));
    const free = judged.flatMap(([finding, why]) => (why === undefined ? finding : []));
    for (let at = 0; at < free.length; at += MOST_LEAKS) {
      const some = free.slice(at, at + MOST_LEAKS);
      verdicts.push(...(await mender(some, ({ now }) => releaseLeaked(cidr, some, now))));
    }
  }
  return verdicts;
}

/** An endpoint that has an address, or for which at least the kubelet reports it. */
const userOf = (users: Users, number: AddressNumber): Endpoint | undefined =>
  users.of(number)[0] ?? users.reportedFor(number);

/** Why an address must not be released, given all endpoints as they are now. Undefined: it may be. */
async function readUse(context: RepairContext, scan: Scan, leaks: readonly Finding[]): Promise<IsUsed> {
  try {
    const users = openUsers();
    const { findings } = await readEndpoints(context, scan, users.add);
    const isMachines = ({ handleID = '' }: Finding) => machineOf(handleID) !== undefined;
    const machines = leaks.some(isMachines) ? await scan.virtualMachines?.() : undefined;
    return ({ address = '', handleID = '' }) => {
      const parsed = parseAddress(address);
      const user = parsed && userOf(users, numberOf(parsed.family, parsed.value));
      const container = users.ofContainer(handleID.slice(handleID.lastIndexOf('.') + 1));
      const living = user ?? container;
      if (living !== undefined) return `endpoint ${nameOf(living)} has appeared since`;
      const machine = machineOf(handleID);
      if (machine !== undefined && machines?.has(machine) !== false) return `virtual machine ${machine} may exist`;
      return findings.length === 0 ? undefined : `an endpoint that may use it cannot be read: ${findings[0]?.text}`;
    };
  } finally {
    scan.close();
  }
}
