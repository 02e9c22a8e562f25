import { fileContent } from '../../shared/call/node-name.ts';
import type { NetConf } from '../../shared/cni/netconf.ts';
import { failure } from '../../shared/error/failure.ts';
import { LEAST_FOR_IPV6 } from '../dataplane/pair-request.ts';

const MTU_FILE = '/var/lib/calico/mtu';
/** What Linux gives a pair. */
const [LEAST, MOST] = [68, 65_535];

/** The pods' MTU: configured, else from calico/node's MTU file, else 0 (the kernel's default). Refuses one that cannot be used. */
export function effectiveMtu(conf: NetConf): number {
  const written = writtenMtu(conf);
  const mtu = conf.mtu === 0 ? written : conf.mtu;
  const isTaken = mtu <= 0 || (mtu >= LEAST && mtu <= MOST);
  if (!isTaken) throw unusable(conf, mtu, `the kernel takes ${LEAST} to ${MOST}`);
  const isForIpv6 = conf.ipam.type === 'calico-ipam' && conf.ipam.assignIpv6;
  if (isForIpv6 && mtu > 0 && mtu < LEAST_FOR_IPV6) throw unusable(conf, mtu, `IPv6 needs ${LEAST_FOR_IPV6} at least`);
  return mtu;
}

function writtenMtu(conf: NetConf): number {
  const text = fileContent(MTU_FILE);
  if (text === '' && conf.requireMtuFile) {
    throw failure(
      `failed to read MTU file: open ${MTU_FILE}: no such file or directory`,
      'require_mtu_file is set: calico/node writes this file',
    );
  }
  if (text !== '' && !/^[+-]?\d{1,9}$/.test(text)) {
    throw failure(`failed to read MTU file: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`, MTU_FILE);
  }
  return Number(text || '0');
}

const unusable = (conf: NetConf, mtu: number, why: string) =>
  failure(
    `the MTU ${mtu} cannot be used: ${why}`,
    conf.mtu === 0
      ? `correct or delete ${MTU_FILE}, which calico/node or calicoctl node run writes`
      : 'set mtu in the network configuration, or leave it out',
  );
