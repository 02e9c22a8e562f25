import type { Family } from '../../shared/net/address.ts';

/** The device of a kind of tunnel. */
export interface TunnelDevice {
  readonly name: string;
  /** How many bytes a packet grows by. */
  readonly overhead: number;
  /** The field of FelixConfiguration with its MTU. */
  readonly mtu: string;
}

/** By the family of the packets in the tunnel. */
export const VXLAN: Readonly<Record<Family, TunnelDevice>> = {
  4: { name: 'vxlan.calico', overhead: 50, mtu: 'vxlanMTU' },
  6: { name: 'vxlan-v6.calico', overhead: 70, mtu: 'vxlanMTUV6' },
};

/** The kernel's own device for IPIP to anywhere, which appears with its module. */
export const IPIP: TunnelDevice = { name: 'tunl0', overhead: 20, mtu: 'ipipMTU' };
