import type { Verbs } from '../cni/skel.ts';
import { noteCall } from './call-file.ts';
import type { EndedCall } from './call-line.ts';

/** Counts the ADDs and DELs of a plugin on this node, unless the configuration says `metrics: false`. */
export const counting =
  (plugin: EndedCall['plugin']): Verbs['ended'] =>
  async ({ world, conf }, verb, code) => {
    if (!conf.metrics || (verb !== 'ADD' && verb !== 'DEL')) return;
    if (!noteCall({ plugin, verb, code, milliseconds: world.elapsed() })) return;
    try {
      (await import('./add-up.ts')).addUp();
    } catch {
      // Without memory, say: the call has succeeded all the same, and a later one adds up.
    }
  };
