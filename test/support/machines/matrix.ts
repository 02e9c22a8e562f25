import { hasKubernetes } from '../kubernetes/api-server.ts';
import type { StoreName } from './machine-store.ts';
import type { BirdRelease } from './node-run.ts';

/** Set by `npm run machines`: everything with everything, and in real time. */
export const IS_WHOLE = process.env['CALICO_MACHINES'] === 'whole';

const available = (name: StoreName): boolean => name === 'etcd' || hasKubernetes();

/** The datastores that can be had here. */
export const stores = (): readonly StoreName[] => (['etcd', 'kubernetes'] as const).filter(available);

/** Which datastore is tested with which BIRD: each at least once, in the long run all. */
export function combinations(): readonly { readonly store: StoreName; readonly bird: BirdRelease }[] {
  const sample = [
    { store: 'etcd', bird: 2 },
    { store: 'kubernetes', bird: 1 },
  ] as const;
  const rest = [
    { store: 'etcd', bird: 1 },
    { store: 'kubernetes', bird: 2 },
  ] as const;
  return [...sample, ...(IS_WHOLE ? rest : [])].filter(({ store }) => available(store));
}

/** How long a datastore is away, in milliseconds. */
export const AWAY_MS = IS_WHOLE ? 60_000 : 5_000;
