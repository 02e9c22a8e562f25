import { elapsed } from '../../shared/system/clock.ts';
import { type Passwords, type SecretRef, secretsOf, secretText } from '../bgp/secret-ref.ts';
import type { NetworkState } from '../state/network-state.ts';

/** Reads a password; undefined when there is none. */
export type PasswordSource = (ref: SecretRef) => Promise<string | undefined>;

/** The passwords of BGP sessions, as they were a minute ago at most. */
export interface KeptPasswords {
  /** Whether they must be read again: they may change although nothing that is watched does. */
  areOld(): boolean;
  /** Those of a state's sessions. One that cannot be read now stays as it was read before. */
  of(state: NetworkState): Promise<Passwords>;
}

const AGE_MS = 60_000;

export function keptPasswords(source: PasswordSource): KeptPasswords {
  let known: Passwords = new Map();
  /** Which were asked for, and when. */
  let asked: ReadonlySet<string> = new Set();
  let askedAt = elapsed();
  const areOld = () => elapsed() - askedAt > AGE_MS;
  return {
    areOld,
    async of(state) {
      const refs = secretsOf(state);
      if (!areOld() && refs.every((ref) => asked.has(secretText(ref)))) return known;
      known = await readPasswords(refs, source, known);
      asked = new Set(refs.map(secretText));
      askedAt = elapsed();
      return known;
    },
  };
}

async function readPasswords(refs: readonly SecretRef[], source: PasswordSource, known: Passwords): Promise<Passwords> {
  const found = await Promise.all(
    refs.map(async (ref) => [secretText(ref), (await source(ref)) ?? known.get(secretText(ref))] as const),
  );
  return new Map(found.filter((entry): entry is readonly [string, string] => entry[1] !== undefined));
}
