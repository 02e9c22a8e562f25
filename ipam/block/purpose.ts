/*
 * What an address is for, by its handle, where it is not for a container: such addresses never have an endpoint, and no runtime lists
 * them.
 */

const TUNNEL = /(?:^|\.)(?:ipip|vxlan|vxlan-v6|wireguard|wireguard-v6)-tunnel-addr-/;
const WINDOWS_RESERVED = 'windows-reserved-ipam-handle';

/** A node's end of a tunnel, taken by calico/node or through `calico-ipam`, which puts the network's name before it. */
export const isTunnel = (handleID: string): boolean => TUNNEL.test(handleID);

/** An address that Windows nodes set aside in each of their blocks; there is no handle of this name. */
export const isSetAside = (handleID: string | undefined): boolean => handleID?.toLowerCase() === WINDOWS_RESERVED;
