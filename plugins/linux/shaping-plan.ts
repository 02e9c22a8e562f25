import type { Bandwidth } from '../../shared/cni/netconf.ts';
import { failure } from '../../shared/error/failure.ts';

/** How long a packet may wait in the shaper (the reference plugin's value). */
const LATENCY = '25ms';
/** The kernel stores the size of a token bucket in 32 bits. */
const MOST_BURST_BITS = 2 ** 32 - 1;

/** Limits of a pair's traffic, and the device that limits outgoing traffic. */
export interface Shaping extends Bandwidth {
  readonly device: string;
}

/** Whether there is any limit. */
export const isLimited = (bandwidth: Bandwidth | undefined): bandwidth is Bandwidth =>
  bandwidth !== undefined && bandwidth.ingressRate + bandwidth.egressRate > 0;

/** Refuses a rate without a burst, and the reverse, before any other work. */
export function requireShapeable(bandwidth: Bandwidth | undefined): void {
  if (bandwidth === undefined) return;
  const { ingressRate, ingressBurst, egressRate, egressBurst } = bandwidth;
  const pairs = [
    { direction: 'ingress', rate: ingressRate, burst: ingressBurst },
    { direction: 'egress', rate: egressRate, burst: egressBurst },
  ];
  for (const { direction, rate, burst } of pairs) {
    if (rate > 0 && burst === 0)
      throw failure('if rate is set, burst must also be set', `runtimeConfig.bandwidth: ${direction}`);
    if (rate === 0 && burst > 0)
      throw failure('if burst is set, rate must also be set', `runtimeConfig.bandwidth: ${direction}`);
    if (burst > MOST_BURST_BITS)
      throw failure('burst cannot be more than 4GB', `runtimeConfig.bandwidth: ${direction}Burst is ${burst} bits`);
  }
}

/**
 * Lines for `tc -batch`. Ingress is traffic to the pod, which leaves the host end; egress enters there. Rates and bursts are
 * in bits. Handle and filter are the ones Felix uses: it then changes them in place instead of adding its own.
 */
export function shapingQdiscs(hostName: string, shaping: Shaping): readonly string[] {
  const { ingressRate, ingressBurst, egressRate, egressBurst, device } = shaping;
  const bucket = (rate: number, burst: number) =>
    `tbf rate ${rate}bit burst ${Math.ceil(burst / 8)} latency ${LATENCY}`;
  const incoming =
    ingressRate === 0 ? [] : [`qdisc replace dev ${hostName} root handle 1: ${bucket(ingressRate, ingressBurst)}`];
  if (egressRate === 0) return incoming;
  return [
    ...incoming,
    `qdisc replace dev ${hostName} ingress`,
    `filter replace dev ${hostName} parent ffff: protocol all prio 1 handle 800::800 u32 match u32 0 0 action mirred egress redirect dev ${device}`,
    `qdisc replace dev ${device} root handle 1: ${bucket(egressRate, egressBurst)}`,
  ];
}
