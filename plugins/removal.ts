import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { failure } from '../shared/cni/error.ts';
import { programPath } from '../shared/exec.ts';
import { linkExists } from './kernel.ts';
import type { Netns } from './netns.ts';
import { ifbName } from './shaping-plan.ts';

/** How long a removal may take before DEL gives up (Calico's limit for deleting a device in a netns). */
const REMOVAL_LIMIT_MS = 20_000;

/** What a DEL takes away. */
export interface Removal {
  readonly netns: Netns | undefined;
  readonly containerName: string;
  readonly hostName: string;
  /** Whether a host link of that name can only be this container's (in Kubernetes mode a new sandbox has the same). */
  readonly hostIsOurs: boolean;
}

/**
 * Removes an endpoint's interfaces, by the host's end where that is safe, else through the container's netns, and resolves
 * when they are out of sight: the kernel keeps the deleting program for 12 to 40 ms more (RCU), for which nobody needs to
 * wait. Missing links are success.
 */
export async function removePair({ netns, containerName, hostName, hostIsOurs }: Removal): Promise<void> {
  const hostThere = linkExists(hostName);
  if (hostIsOurs && hostThere) await deleteLink(hostName);
  else if (netns !== undefined) {
    const inside = [`--net=${netns.reference}`, programPath('ip'), 'link', 'del', 'dev', containerName];
    await untilGone(hostThere ? hostName : undefined, programPath('nsenter'), inside);
  }
  // The shaping device outlives the pair; while a newer sandbox has the host's end, the device is that one's.
  if (!linkExists(hostName) && linkExists(ifbName(hostName))) await deleteLink(ifbName(hostName));
}

const deleteLink = (name: string): Promise<void> => untilGone(name, programPath('ip'), ['link', 'del', 'dev', name]);

async function untilGone(link: string | undefined, program: string, args: readonly string[]): Promise<void> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
  let stderr = '';
  let status: number | null | undefined;
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  child.on('error', (error) => {
    stderr = error.message;
    status = -1;
  });
  child.on('close', (code) => {
    status = code;
  });
  const limit = performance.now() + REMOVAL_LIMIT_MS;
  while (status === undefined && !(link !== undefined && !linkExists(link))) {
    if (performance.now() > limit) throw failure('timed out deleting device in netns', `${program} ${args.join(' ')}`);
    await sleep(0.3);
  }
  child.unref();
  child.stderr.destroy();
  if (status !== undefined && status !== 0 && !/Cannot find device/.test(stderr)) {
    throw failure(`failed to clean up workload's pod interface inside netns: ${stderr.trim()}`);
  }
}
