import { type CniError, failure } from '../shared/cni/error.ts';
import { programPath, type Ran, run } from '../shared/exec.ts';
import type { Netns } from './netns.ts';
import type { BatchLine, Sysctl } from './veth-plan.ts';

/** Sets each sysctl given as argument pairs, then becomes `ip -batch`: one process tree for all of a container's set-up. */
const SCRIPT =
  'ip=$1; shift; while [ $# -gt 1 ]; do echo "$2" >"/proc/sys/$1" || exit 9; shift 2; done; exec "$ip" -batch -';
const SYSCTL_FAILED = 9;

/** Carries `lines` out in this namespace, in order, up to the first failure. */
export function runOnHost(lines: readonly BatchLine[]): void {
  check(run('ip', ['-batch', '-'], { input: text(lines) }), lines);
}

/** Carries sysctls and `lines` out in the container's namespace, in order, up to the first failure. */
export function runInContainer(netns: Netns, sysctls: readonly Sysctl[], lines: readonly BatchLine[]): void {
  const pairs = sysctls.flatMap(({ path, value }) => [path, value]);
  const args = [`--net=${netns.reference}`, programPath('sh'), '-c', SCRIPT, 'sh', programPath('ip'), ...pairs];
  const ran = run('nsenter', args, { input: text(lines) });
  if (ran.status === SYSCTL_FAILED)
    throw failure(`failed to set sysctls in the container: ${ran.stderr.trim()}`, netns.path);
  check(ran, lines);
}

function text(lines: readonly BatchLine[]): string {
  return lines.map(({ line }) => `${line}\n`).join('');
}

/** `ip -batch` names the line it stopped at; that line knows what its failure is called. */
function check(ran: Ran, lines: readonly BatchLine[]): void {
  if (ran.status === 0) return;
  throw batchError(ran, lines);
}

function batchError(ran: Ran, lines: readonly BatchLine[]): CniError {
  const number = /Command failed -:(\d+)/.exec(ran.stderr)?.[1];
  const failed = number === undefined ? undefined : lines[Number(number) - 1];
  const why = reason(ran.stderr) || `exit status ${ran.status}`;
  const msg = failed === undefined || failed.failure === '' ? why : `${failed.failure}: ${why}`;
  return failure(msg, failed === undefined ? ran.stderr.trim() : `ip ${failed.line}`);
}

/** The kernel's word without iproute2's wrapping, as Go prints an errno: `RTNETLINK answers: File exists` → `file exists`. */
function reason(stderr: string): string {
  const answer = /RTNETLINK answers: (.*)/.exec(stderr)?.[1];
  if (answer !== undefined) return answer.charAt(0).toLowerCase() + answer.slice(1);
  return (stderr.split('\n')[0] ?? '').replace(/^Error: /, '');
}
