import { spawn } from 'node:child_process';
import { failure } from '../shared/cni/error.ts';
import { programPath } from '../shared/exec.ts';
import { sleep } from '../shared/pause.ts';
import { linkExists } from './kernel.ts';
import type { Netns } from './netns.ts';
import { ifbName } from './shaping-plan.ts';

/** How long a removal may take before DEL gives up (Calico's limit for deleting a device in a netns). */
const REMOVAL_LIMIT_MS = 20_000;

/**
 * Removes an interface inside a container, and with it its peer, and resolves when they are out of sight: the kernel keeps
 * the deleting program for 12 to 40 ms more (RCU), for which nobody needs to wait. A missing link is success.
 */
export function removeInside(netns: Netns, name: string, hostName: string): Promise<void> {
  const inside = [`--net=${netns.reference}`, programPath('ip'), 'link', 'del', 'dev', name];
  return untilGone(linkExists(hostName) ? hostName : undefined, programPath('nsenter'), inside);
}

/** Removes a link of this namespace, and its peer, in the same way. */
export async function removeOnHost(name: string): Promise<void> {
  if (linkExists(name)) await untilGone(name, programPath('ip'), ['link', 'del', 'dev', name]);
}

/** Removes the shaping device of a pair that is gone; while a newer sandbox has the host's end, it is that one's. */
export async function removeShaper(hostName: string): Promise<void> {
  if (!linkExists(hostName)) await removeOnHost(ifbName(hostName));
}

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
