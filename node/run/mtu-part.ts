import { fileContent } from '../../shared/call/node-name.ts';
import { failure } from '../../shared/error/failure.ts';
import { getLinks, readLink } from '../../shared/netlink/link.ts';
import { withNetlink } from '../../shared/netlink/socket.ts';
import { removeFile, replaceText } from '../../shared/system/files.ts';
import { podMtu } from '../registration/mtu.ts';
import type { NetworkState } from '../state/network-state.ts';
import type { Part } from './part.ts';

/** Where the plugin reads the MTU of pods. */
const FILE = '/var/lib/calico/mtu';

/** Keeps the file with the MTU of pods. */
export function mtuPart(): Part {
  let wanted: NetworkState | undefined;
  const bring = async (): Promise<readonly string[]> => {
    if (wanted === undefined) return [];
    const links = withNetlink((kernel) => kernel.ask(getLinks()).map(readLink));
    const mtu = String(podMtu(links, wanted));
    if (fileContent(FILE) === mtu) return [];
    write(mtu);
    return [`pods get the MTU ${mtu} (${FILE})`];
  };
  return {
    name: 'mtu',
    apply(state) {
      wanted = state;
      return bring();
    },
    check: bring,
    problem: () => undefined,
    async stop(clean) {
      if (clean) removeFile(FILE);
    },
  };
}

function write(mtu: string): void {
  try {
    replaceText(FILE, mtu);
  } catch (thrown) {
    throw failure(`cannot write ${FILE}: ${thrown instanceof Error ? thrown.message : thrown}`);
  }
}
