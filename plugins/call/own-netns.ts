import type { CmdArgs } from '../../shared/cni/environment.ts';
import { Failure } from '../../shared/error/failure.ts';
import { statusOf } from '../../shared/system/files.ts';

/** Whether CNI_NETNS is this process's own network namespace, without CNI_NETNS_OVERRIDE. */
export function isOwnNetns({ netns, netnsOverride }: CmdArgs): boolean {
  if (netns === '' || netnsOverride) return false;
  const there = statusOf(netns);
  return there !== undefined && there.identity === statusOf('/proc/self/ns/net')?.identity;
}

/** The error when CNI_NETNS is our own namespace (skel's text in the CNI library). */
export function ownNetnsRefused(): Failure {
  return new Failure('invalid network namespace', "plugin's netns and netns from CNI_NETNS should not be the same", {
    where: 'nothing was changed in this network namespace',
    remedy: 'set CNI_NETNS_OVERRIDE=1 only if this is intended',
  });
}
