import {
  type HeldToken,
  isExpired,
  isRenewalDue,
  type Moment,
  tokenInKubeconfig,
  tokenLife,
} from '../watch/token-life.ts';

/** The token that the node's kubeconfig has, or should have. */
export interface HeldCredentials {
  readonly token: string;
  /** Undefined for a token that does not expire. */
  readonly held: HeldToken | undefined;
  /** Another program, such as calico/node, has written the kubeconfig: its text stays. */
  readonly isTheirs: boolean;
}

/** What becomes of the kubeconfig: a new token is requested, the held one is written unless it is there, or the file stays. */
export type KubeconfigChoice =
  | { readonly do: 'request' }
  | { readonly do: 'write' | 'leave'; readonly credentials: HeldCredentials };

/** Credentials with a token that was issued just now. */
export function issued(token: string, { uptime }: Moment, early: number): HeldCredentials {
  const life = tokenLife(token);
  return { token, held: life && { life, since: uptime, isNew: true, early }, isTheirs: false };
}

/** Decides it. `text` is the node's kubeconfig, '' if there is none. */
export function chooseKubeconfig(
  text: string,
  credentials: HeldCredentials | undefined,
  moment: Moment,
): KubeconfigChoice {
  if (credentials === undefined) return { do: 'request' };
  const current = renewedByOthers(text, credentials, moment) ?? credentials;
  if (current.held !== undefined && isRenewalDue(current.held, moment)) return { do: 'request' };
  return keeping(text, current);
}

/** What is done when no new token can be had: the one that is there is used as long as it can be. */
export function withoutNewToken(
  text: string,
  credentials: HeldCredentials | undefined,
  moment: Moment,
): KubeconfigChoice | undefined {
  const current = credentials ?? found(text, moment, 0);
  if (current === undefined || (current.held !== undefined && isExpired(current.held, moment))) return undefined;
  return keeping(text, current);
}

function keeping(text: string, credentials: HeldCredentials): KubeconfigChoice {
  const stays = credentials.isTheirs && tokenInKubeconfig(text) === credentials.token;
  return { do: stays ? 'leave' : 'write', credentials };
}

/** A newer token of the same account that another program has put there. */
function renewedByOthers(text: string, { token, held }: HeldCredentials, moment: Moment): HeldCredentials | undefined {
  const theirs = found(text, moment, held?.early ?? 0);
  if (held === undefined || theirs?.held === undefined || theirs.token === token) return undefined;
  const { life } = theirs.held;
  const isNewer = life.subject === held.life.subject && life.issuedAt >= held.life.issuedAt;
  return isNewer && !isExpired(theirs.held, moment) ? theirs : undefined;
}

function found(text: string, { uptime }: Moment, early: number): HeldCredentials | undefined {
  const token = tokenInKubeconfig(text);
  const life = tokenLife(token);
  if (life === undefined) return undefined;
  return { token, held: { life, since: uptime, isNew: false, early }, isTheirs: true };
}
