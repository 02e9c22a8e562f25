/** The MAC of every host end (as Calico). */
export const HOST_MAC = 'ee:ee:ee:ee:ee:ee';

/** An interface with a smaller MTU has no IPv6 (RFC 8200). */
export const LEAST_FOR_IPV6 = 1280;

/** A container's interface pair and what it carries. */
export interface PairRequest {
  readonly hostName: string;
  readonly containerName: string;
  /** MAC of the container's end. */
  readonly mac: string;
  /** 0: the kernel's default. */
  readonly mtu: number;
  readonly queues: number;
  readonly addresses: readonly PodAddress[];
  /** Destinations routed through the host; each is used only when there is an address of its family. */
  readonly routes: readonly { readonly family: 4 | 6; readonly dst: string }[];
  readonly allowIpForwarding: boolean;
  /** Whether to route the addresses to the host end. */
  readonly hostRoutes: boolean;
  /** Make a netkit pair where the kernel supports it. */
  readonly netkit?: boolean;
}

export interface PodAddress {
  readonly family: 4 | 6;
  /** Bare address. */
  readonly address: string;
}

/** The address as the host routes it: /32 or /128. */
export const hostCidr = ({ family, address }: PodAddress): string => `${address}/${family === 4 ? 32 : 128}`;
