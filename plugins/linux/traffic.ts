import { failure } from '../../shared/error/failure.ts';
import { run } from '../../shared/system/exec.ts';
import { type Shaping, shapingQdiscs } from './shaping-plan.ts';

/** Limits a pair's traffic. Doing it again changes nothing. */
export function shape(hostName: string, shaping: Shaping): void {
  const lines = shapingQdiscs(hostName, shaping);
  const ran = run('tc', ['-batch', '-'], { input: lines.map((line) => `${line}\n`).join('') });
  if (ran.status === 0) return;
  const line = /Command failed -:(\d+)/.exec(ran.stderr)?.[1];
  throw failure(
    `failed to limit the bandwidth of ${hostName}: ${ran.stderr.split('\n')[0]}`,
    `tc ${lines[Number(line ?? 1) - 1] ?? ''}; the kernel needs sch_tbf, sch_ingress, act_mirred and ifb`,
  );
}

/** What is missing of the limits, one sentence each. */
export function missingShaping(hostName: string, shaping: Shaping): readonly string[] {
  const { ingressRate, egressRate, device } = shaping;
  return [
    ...(ingressRate > 0 ? unlimited(hostName, ingressRate) : []),
    ...(egressRate > 0 ? [...unlimited(device, egressRate), ...undiverted(hostName, device)] : []),
  ];
}

/** Outgoing traffic is limited only while it is redirected to the device that queues it. */
function undiverted(hostName: string, device: string): readonly string[] {
  const { stdout } = run('tc', ['filter', 'show', 'dev', hostName, 'parent', 'ffff:'], {});
  return stdout.includes(`Redirect to device ${device})`)
    ? []
    : [`${hostName} does not redirect the pod's outgoing traffic to ${device}`];
}

/** The fields of `tc -j qdisc show` that are used here; the rate is in bytes per second. */
interface QdiscRow {
  readonly kind?: string;
  readonly options?: { readonly rate?: number };
}

function unlimited(device: string, rate: number): readonly string[] {
  const ran = run('tc', ['-j', 'qdisc', 'show', 'dev', device], {});
  const rows = ran.status === 0 && ran.stdout.trim() !== '' ? (JSON.parse(ran.stdout) as QdiscRow[]) : [];
  const there = rows.some(({ kind, options }) => kind === 'tbf' && options?.rate === Math.floor(rate / 8));
  return there ? [] : [`${device} does not limit its traffic to ${rate} bits per second`];
}
