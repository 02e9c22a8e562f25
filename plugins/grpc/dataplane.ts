import { toFailure } from '../../shared/error/to-failure.ts';
import type { Dataplane } from '../dataplane/dataplane.ts';
import { removeThroughDataplane, requireDataplane } from './ask-dataplane.ts';
import { remoteAttachment } from './attachment.ts';
import type { DataplaneOptions } from './options.ts';

/** A dataplane of another program, which is asked over gRPC. */
export function grpcDataplane(options: DataplaneOptions): Dataplane {
  return {
    requirePrograms: () => undefined,
    requireReady: (limit) => requireDataplane(options, limit),
    open: (pair, netns, place) => remoteAttachment(options, pair, netns, place),
    // What a dataplane of another program has made cannot be seen from here.
    faults: () => [],
    remove: (removal) => removeThroughDataplane(removal, options, removal),
    // Without the namespace a dataplane may not be able to; the addresses must not stay for it.
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
