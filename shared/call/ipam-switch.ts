import { flagOf, settingsOf } from '../cni/setting.ts';
import { Failure } from '../error/failure.ts';

/**
 * Refuses to assign addresses where USE_POD_CIDR turns Calico's address management off, before any work (the original fails at
 * its first request: "operation … is not supported"). What has been assigned before can still be released.
 */
export function requireIpamOn(env: Readonly<Record<string, string | undefined>>): void {
  if (!flagOf(settingsOf(env), 'USE_POD_CIDR')) return;
  throw new Failure('invalid environment', 'USE_POD_CIDR is set: calico-ipam is not supported on this datastore', {
    remedy:
      'unset USE_POD_CIDR, or give pods the addresses of their node: ipam.type host-local with "subnet": "usePodCidr"',
  });
}
