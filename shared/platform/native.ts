import type { Platform } from './platform.ts';

/** The executable's native part. */
export const platform: Platform = (globalThis as unknown as { readonly calicoHost: Platform }).calicoHost;
