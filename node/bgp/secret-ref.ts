import type { NetworkState, Spec } from '../state/network-state.ts';
import { objectAt, textAt } from './values.ts';

/** Where a password is: a key of a Secret. */
export interface SecretRef {
  readonly name: string;
  readonly key: string;
}

/** Passwords that could be read, by `secretText`. */
export type Passwords = ReadonlyMap<string, string>;

export const secretText = ({ name, key }: SecretRef): string => `${name}/${key}`;

/** The `secretKeyRef` in a field such as `password`; undefined without one. */
export function secretRefAt(spec: Spec, field: string): SecretRef | undefined {
  const given = objectAt(objectAt(spec, field) ?? {}, 'secretKeyRef') ?? {};
  const [name, key] = [textAt(given, 'name'), textAt(given, 'key')];
  return name === undefined || key === undefined ? undefined : { name, key };
}

/** The passwords that the sessions of a node may need. */
export function secretsOf({ bgpConfigurations, bgpPeers }: NetworkState): readonly SecretRef[] {
  const refs = [
    secretRefAt(bgpConfigurations.get('default') ?? {}, 'nodeMeshPassword'),
    ...[...bgpPeers.values()].map((spec) => secretRefAt(spec, 'password')),
  ].filter((ref) => ref !== undefined);
  return [...new Map(refs.map((ref) => [secretText(ref), ref])).values()];
}
