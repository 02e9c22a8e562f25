import { hex } from '../../shared/bytes/text.ts';
import { certificateEnd } from '../../shared/http2/certificate-end.ts';
import type { World } from '../../shared/system/world.ts';
import { expiries } from '../watch/expiry.ts';
import { marksOf } from '../watch/marks.ts';
import { momentNow } from '../watch/moment.ts';
import type { Repairs } from '../watch/repairs.ts';
import { carryOutAll, type Done, problemText } from './carry-out-all.ts';
import { KUBECONFIG } from './conf-plan.ts';
import { digest } from './files.ts';
import type { TextFile } from './findings.ts';
import type { HeldCredentials } from './held-credentials.ts';
import { keptCertificates } from './kept-certificates.ts';
import { tokenFor } from './new-token.ts';
import { passPlan } from './pass-plan.ts';
import { installPlan, kubeconfigSteps } from './plan.ts';
import { credentialsOf, podAccount } from './pod-account.ts';
import { prepared } from './prepared.ts';
import { type InstallRecord, recordPath } from './record.ts';
import { parsedRecord, restoreRecord } from './record-file.ts';
import type { InstallRequest } from './request.ts';
import type { Settings } from './settings.ts';
import { lookAround } from './survey.ts';
import { marksAfter, sources } from './watched-files.ts';

/** What one pass leaves for the next. */
export interface Memory {
  readonly held: HeldCredentials | undefined;
  /** Undefined before the first pass that could plan. */
  readonly certificates: readonly TextFile[] | undefined;
  readonly record: InstallRecord | undefined;
  /** How everything looked after the pass: what it has installed, and what that was made from. */
  readonly marks: Readonly<Record<string, string>>;
  readonly repairs: Repairs;
}

export const NO_MEMORY: Memory = {
  held: undefined,
  certificates: undefined,
  record: undefined,
  marks: {},
  repairs: {},
};

/** How a pass ended. */
export interface Passed {
  readonly memory: Memory;
  /** For the log. */
  readonly notes: readonly string[];
  /** Why the node is not as it should be. */
  readonly problems: readonly string[];
}

/** Installs what is not as it should be, as far as possible; `done` is called after each change. Throws a Failure when nothing can be. */
export async function pass(world: World, settings: Settings, memory: Memory, done: Done): Promise<Passed> {
  const { env } = world;
  const tag = hex(world.random(8));
  const now = marksOf([...new Set([...Object.keys(memory.marks), ...sources(settings)])]);
  const moment = momentNow(world);
  const restored = restoreRecord(settings, memory.record, tag);
  const sums = digest();
  const seen = lookAround(settings, sums, moment.wall * 1_000);
  const account = podAccount(world, settings);
  const kept = keptCertificates(memory.certificates, seen.certificates);
  const request = prepared({ settings, survey: { ...seen, certificates: kept.certificates }, sums, account, env });
  // Report invalid input before requesting a token.
  if (memory.certificates === undefined)
    installPlan({ ...request, credentials: account && credentialsOf(account, '') });
  const text = seen.net.find(({ name }) => name === KUBECONFIG)?.text ?? '';
  const token = await tokenFor(world, { settings, account, text, held: memory.held, moment });
  const { plan, failed } = planned({ ...request, credentials: token.credentials }, memory);
  const changes = { before: memory.marks, now, repairs: memory.repairs, uptime: moment.uptime };
  const { steps, repairs, notes, problems } = passPlan(settings, plan.steps, changes);
  const ends = expiries(endingsOf(kept.certificates), moment.wall * 1_000);
  const { changed, problems: undone } = carryOutAll(settings, steps, tag, done);
  const marks = marksAfter(now, plan, [...changed, ...(restored.length > 0 ? [recordPath(settings)] : [])]);
  return {
    memory: { held: token.held, certificates: kept.certificates, record: parsedRecord(settings), marks, repairs },
    notes: [...restored, ...notes, ...token.notes, ...ends.notes, ...plan.notes],
    problems: [...failed, ...undone, ...problems, ...kept.problems, ...ends.problems, ...token.problems],
  };
}

const endingsOf = (certificates: readonly TextFile[]) =>
  certificates.map(({ path, text }) => ({ path, end: certificateEnd(text) }));

/** The plan. When there can be none any more, such as with a template that was damaged, at least the token is renewed. */
function planned(request: InstallRequest, { certificates }: Memory) {
  try {
    return { plan: installPlan(request), failed: [] };
  } catch (thrown) {
    if (certificates === undefined) throw thrown;
    return { plan: { steps: kubeconfigSteps(request), notes: [] }, failed: [problemText(thrown)] };
  }
}
