import type { World } from '../../shared/system/world.ts';
import type { Moment } from '../watch/token-life.ts';
import { problemText } from './carry-out-all.ts';
import { chooseKubeconfig, type HeldCredentials, issued, withoutNewToken } from './held-credentials.ts';
import type { Credentials } from './kubeconfig.ts';
import { credentialsOf, type PodAccount, pluginToken } from './pod-account.ts';
import type { Settings } from './settings.ts';

/** What a pass does about the kubeconfig. */
export interface TokenOutcome {
  readonly held: HeldCredentials | undefined;
  /** What is to be in the kubeconfig; undefined: what is there stays. */
  readonly credentials: Credentials | undefined;
  readonly notes: readonly string[];
  readonly problems: readonly string[];
}

/** What it depends on: the node's kubeconfig, '' for none, and the token that was put there. */
interface Given {
  readonly settings: Settings;
  readonly account: PodAccount | undefined;
  readonly text: string;
  readonly held: HeldCredentials | undefined;
  readonly moment: Moment;
}

const NOTHING: TokenOutcome = { held: undefined, credentials: undefined, notes: [], problems: [] };

/**
 * Keeps the token or requests a new one. When none is to be had, the one that is there is used until it expires. Throws a Failure
 * when there is none that could be used.
 */
export async function tokenFor(world: World, given: Given): Promise<TokenOutcome> {
  const { account, text, moment } = given;
  if (account === undefined) return NOTHING;
  // The pod's own token, where there are no others: kubelet renews it.
  const isOutdated = given.held?.held === undefined && given.held?.token !== account.token;
  const choice = chooseKubeconfig(text, isOutdated ? undefined : given.held, moment);
  if (choice.do !== 'request') return outcome(account, choice, given);
  try {
    const token = await pluginToken(account, given.settings, world);
    const isOwn = token === account.token;
    const held = isOwn
      ? { token, held: undefined, isTheirs: false }
      : issued(token, moment, (world.random(1)[0] ?? 0) / 256);
    return {
      ...NOTHING,
      held,
      credentials: credentialsOf(account, token),
      notes: isOwn ? [NO_REQUESTS] : lifeOf(held),
    };
  } catch (thrown) {
    const fallback = withoutNewToken(text, given.held, moment);
    if (fallback === undefined || fallback.do === 'request') throw thrown;
    // What is held stays as it was, so that the next pass asks again.
    return { ...outcome(account, fallback, given), held: given.held, problems: [problemText(thrown)] };
  }
}

/** Where an API server does not know token requests. */
export const NO_REQUESTS =
  "this API server does not issue tokens on request: the kubeconfig contains this pod's own token";

function lifeOf({ held }: HeldCredentials): readonly string[] {
  if (held === undefined) return [];
  const end = new Date(held.life.expiresAt * 1_000).toISOString();
  return [`a new token for the plugin, which expires ${end.replace('.000Z', 'Z')}`];
}

function outcome(
  account: PodAccount,
  choice: Exclude<ReturnType<typeof chooseKubeconfig>, { readonly do: 'request' }>,
  { held }: Given,
): TokenOutcome {
  const { credentials } = choice;
  const isAdopted = credentials.isTheirs && credentials.token !== held?.token;
  return {
    ...NOTHING,
    held: credentials,
    credentials: choice.do === 'leave' ? undefined : credentialsOf(account, credentials.token),
    notes:
      isAdopted && held !== undefined
        ? ['another program (calico/node?) renews the token in calico-kubeconfig: it stays']
        : [],
  };
}
