import { toFailure } from '../../shared/error/failure-context.ts';
import type { Dataplane } from '../dataplane/dataplane.ts';
import { remoteAttachment } from './attachment.ts';
import { removeThroughDataplane, requireDataplane } from './call-dataplane.ts';
import type { DataplaneOptions } from './options.ts';

/** An external dataplane, called over gRPC. */
export function grpcDataplane(options: DataplaneOptions): Dataplane {
  return {
    requirePrograms: () => undefined,
    requireReady: (limit) => requireDataplane(options, limit),
    open: (pair, netns, place) => remoteAttachment(options, pair, netns, place),
    // What an external dataplane has made cannot be inspected from here.
    faults: () => [],
    remove: (removal) => removeThroughDataplane(removal, options, removal),
    // A dataplane may fail without the namespace. The addresses must still be released.
    removeStale: async (removal) => {
      try {
        await removeThroughDataplane(removal, options, { ...removal, netns: '' });
        return undefined;
      } catch (error) {
        return toFailure(error, 'serving GC');
      }
    },
  };
}
