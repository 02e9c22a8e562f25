import { type HeldToken, isRenewalDue, type Moment } from './token-life.ts';

/** What a watch knows between two looks. */
export interface Situation {
  /** Whether a file that was put in place, or that it was made from, is not as it was, or a check was asked for. */
  readonly hasChanged: boolean;
  /** The token in use; undefined for none that expires. */
  readonly token: HeldToken | undefined;
  /** Passes in a row that left problems. */
  readonly failures: number;
  /** The uptime of the next pass, if nothing happens before. */
  readonly passAt: number;
  /** The uptime at which the API server is next asked whether it still takes the token. */
  readonly verifyAt: number;
}

/** What is to be done now: nothing, look at all files and put them right, or ask the API server about the token first. */
export type Due = 'nothing' | 'pass' | 'verify';

/** Decides it. After a failure only time counts, so that no change can keep the watch busy. */
export function due({ hasChanged, token, failures, passAt, verifyAt }: Situation, moment: Moment): Due {
  if (moment.uptime >= passAt) return 'pass';
  if (failures > 0) return 'nothing';
  if (hasChanged || (token !== undefined && isRenewalDue(token, moment))) return 'pass';
  return token !== undefined && moment.uptime >= verifyAt ? 'verify' : 'nothing';
}
