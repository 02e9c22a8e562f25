import { sha512 } from '../../shared/bytes/hash.ts';
import type { NetConf } from '../../shared/cni/netconf.ts';
import { felixRuns } from './felix.ts';
import { isLimited, type Shaping } from './shaping-plan.ts';

/**
 * The device that a pod's outgoing traffic is redirected through to be limited: traffic that arrives on an interface cannot be
 * queued there. Named as Felix names it (`bwcali` and nine digits of the host interface's hash), so that Felix adopts it.
 */
export const shaperName = (hostName: string): string => `bwcali${sha512(hostName).slice(0, 9)}`;

/** The name that versions up to 0.1.0 used; still removed with its pod. */
const formerName = (hostName: string): string => `bwc${hostName.slice(4, 15)}`;

/** Every name that the shaping device of a host interface may have. */
export const shaperNames = (hostName: string): readonly string[] => [shaperName(hostName), formerName(hostName)];

type Limits = Pick<NetConf, 'bandwidthBy' | 'runtimeConfig'>;

/** Whether this plugin limits the traffic itself: where Felix runs, it does so by the endpoint's qosControls. */
export function shapesHere({ bandwidthBy, runtimeConfig }: Limits): boolean {
  if (!isLimited(runtimeConfig.bandwidth) || bandwidthBy === 'felix') return false;
  return bandwidthBy === 'plugin' || !felixRuns();
}

/** The limits that this plugin sets on a host interface; undefined when there are none or Felix sets them. */
export function shapingOf(conf: Limits, hostName: string): Shaping | undefined {
  const { bandwidth } = conf.runtimeConfig;
  return isLimited(bandwidth) && shapesHere(conf) ? { ...bandwidth, device: shaperName(hostName) } : undefined;
}
