import { readMac } from '../../shared/cni/args.ts';
import { failure } from '../../shared/error/failure.ts';
import { toFailure } from '../../shared/error/failure-context.ts';
import type { Attachment, MadePair, Reserved } from '../dataplane/attachment.ts';
import type { AttachmentScope } from '../dataplane/dataplane.ts';
import type { PairRequest } from '../dataplane/pair-request.ts';
import { addMessage } from './add-message.ts';
import { callDataplane, mayBeDone, removeThroughDataplane } from './call-dataplane.ts';
import { Add } from './messages.ts';
import type { DataplaneOptions } from './options.ts';

/**
 * The interface that an external dataplane makes, in the original's order: reserve addresses, call the dataplane, which
 * chooses interface and MAC, then store the endpoint. A repeated ADD keeps its addresses and calls the dataplane again.
 */
export function remoteAttachment(
  options: DataplaneOptions,
  pair: PairRequest,
  netns: string,
  place: AttachmentScope,
): Attachment {
  return {
    isNameTaken: false,
    goneAmong: () => [],
    mac: () => undefined,
    prepareEarly: () => undefined,
    prepare: () => undefined,
    makeNamed: async (reserve) => {
      const reserved = await reserve();
      const message = addMessage(pair, { netns, options: options.texts, reserved });
      const { undo } = place;
      const remove = (): void => {
        if (reserved.isOld) return;
        const interfaceOf = { containerName: pair.containerName, netns };
        // A dataplane that is gone routes nothing, so the addresses need not wait for it.
        const removed = (): Promise<void> =>
          removeThroughDataplane(place, options, interfaceOf).catch((error) => {
            place.log.error('The dataplane did not remove the interface', { reason: toFailure(error).message });
          });
        undo.add('have the dataplane remove the interface', removed);
      };
      try {
        const { hostInterfaceName, containerMac } = await callDataplane(place, options, Add, message);
        remove();
        place.log.info('The dataplane made the interface', { hostName: hostInterfaceName, mac: containerMac });
        return named(hostInterfaceName, containerMac, reserved);
      } catch (error) {
        // What the dataplane refused may belong to another container: undo only what it may have made.
        if (mayBeDone(error)) remove();
        throw error;
      }
    },
    attach: () => undefined,
    close: () => undefined,
  };
}

/** Refuses values that Felix could not read, before they are stored. */
function named(hostName: string, mac: string, reserved: Reserved): MadePair {
  const said = `hostInterfaceName ${JSON.stringify(hostName)}, containerMac ${JSON.stringify(mac)}`;
  if (!/^[a-zA-Z0-9_.-]{1,15}$/.test(hostName)) {
    throw failure(`grpc dataplane error: not a valid interface name: ${JSON.stringify(hostName)}`, said);
  }
  try {
    return { hostName, mac: readMac(mac), reserved };
  } catch (error) {
    throw failure(`grpc dataplane error: ${toFailure(error).message}`, said, error);
  }
}
