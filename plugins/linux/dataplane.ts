import type { NetConf } from '../../shared/cni/netconf.ts';
import { inside } from '../../shared/netlink/inside.ts';
import { withNetlink } from '../../shared/netlink/socket.ts';
import type { Dataplane, Removal } from '../dataplane/dataplane.ts';
import type { PairRequest } from '../dataplane/pair-request.ts';
import { faultsInKernel } from './kernel.ts';
import { isGone, type Netns, openNetns } from './netns.ts';
import { Pair } from './pair.ts';
import { readContainer, readHost } from './pair-state.ts';
import { requirePrograms } from './programs.ts';
import { removeContainerEnd } from './remove-container-end.ts';
import { removeHostEnd } from './remove-host-end.ts';
import { shapingOf } from './shaper.ts';
import type { VethRequest } from './veth-plan.ts';

/** This host's kernel: veth or netkit pairs. */
export const linuxDataplane: Dataplane = {
  requirePrograms,
  requireReady: async () => tryOwnNetns(),
  open: (pair, path, place) => {
    const request = withShaping(pair, place.conf);
    return new Pair(request, openNetns(path), place);
  },
  faults: (pair, path, conf) => {
    const request = withShaping(pair, conf);
    const netns = openNetns(path);
    try {
      return faultsInKernel(request, readHost(request.hostName), readContainer(netns));
    } finally {
      netns.close();
    }
  },
  remove: removePair,
  // Works without the namespace: removing the host end removes its peer.
  removeStale: async (removal) => {
    await removeHostEnd(removal);
    return undefined;
  },
};

function withShaping(pair: PairRequest, conf: NetConf): VethRequest {
  const shaping = shapingOf(conf, pair.hostName);
  return shaping === undefined ? pair : { ...pair, shaping };
}

/** Tries on our own namespace what each ADD does with a container's: enter it and open a netlink socket there. */
function tryOwnNetns(): void {
  const own = openNetns('/proc/self/ns/net');
  try {
    inside(own.fd, () => withNetlink(() => undefined));
  } finally {
    own.close();
  }
}

/** Removes the interface through its netns first, then the host end, even if the netns cannot be opened. */
async function removePair(removal: Removal): Promise<void> {
  const path = removal.netns;
  let netns: Netns | undefined;
  try {
    netns = path === '' || isGone(path) ? undefined : openNetns(path);
    if (netns !== undefined) await removeContainerEnd(removal, netns);
  } finally {
    netns?.close();
    await removeHostEnd(removal);
  }
}
