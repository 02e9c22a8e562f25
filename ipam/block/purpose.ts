/*
 * What an address that is not a container's is used for, by its handle. Such addresses have no endpoint, and runtimes do not
 * list them.
 */

const TUNNEL = /(?:^|\.)(?:ipip|vxlan|vxlan-v6|wireguard|wireguard-v6)-tunnel-addr-/;
const WINDOWS_RESERVED = 'windows-reserved-ipam-handle';

/** A node's tunnel address, assigned by calico/node or through `calico-ipam`, which prepends the network's name. */
export const isTunnel = (handleID: string): boolean => TUNNEL.test(handleID);

/** An address that Windows nodes reserve in each of their blocks. No handle of this name is stored. */
export const isSetAside = (handleID: string | undefined): boolean =>
  handleID?.length === WINDOWS_RESERVED.length && handleID.toLowerCase() === WINDOWS_RESERVED;
