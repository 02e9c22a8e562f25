import { type Passwords, type SecretRef, secretsOf, secretText } from '../bgp/secret-ref.ts';
import type { NetworkState } from '../state/network-state.ts';

/** Reads a password; undefined when there is none. */
export type PasswordSource = (ref: SecretRef) => Promise<string | undefined>;

/** The passwords of a state's sessions. One that cannot be read now stays as it was read before. */
export async function readPasswords(
  state: NetworkState,
  source: PasswordSource,
  known: Passwords,
): Promise<ReadonlyMap<string, string>> {
  const found = await Promise.all(
    secretsOf(state).map(async (ref) => [secretText(ref), (await source(ref)) ?? known.get(secretText(ref))] as const),
  );
  return new Map(found.filter((entry): entry is readonly [string, string] => entry[1] !== undefined));
}
