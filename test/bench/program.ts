import { tools } from '../../build/tools.ts';
import { type Call, environment } from '../support/calls/call.ts';

/** The cost and the output of one successful call of a plugin. */
export interface Sample {
  /** From its start to the moment its end is known. */
  readonly millis: number;
  /** User and system time of the program and of all children it waited for, in milliseconds. */
  readonly cpu: number;
  readonly stdout: string;
}

interface Usage {
  /** Microseconds. */
  readonly cpuTime: { readonly total: bigint };
}

interface SpawnOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: Uint8Array;
  readonly stdout: 'pipe';
  readonly stderr: 'pipe';
}

/** The part of Bun's types needed here: node:child_process does not report a child's resource usage. */
interface Runtime {
  spawnSync(
    command: readonly string[],
    options: SpawnOptions,
  ): { exitCode: number; stdout: Buffer; stderr: Buffer; resourceUsage: Usage };
  spawn(
    command: readonly string[],
    options: SpawnOptions,
  ): { exited: Promise<number>; stdout: ReadableStream; stderr: ReadableStream; resourceUsage(): Usage };
}

const { Bun } = globalThis as unknown as { readonly Bun: Runtime };

/** Runs a plugin alone. Throws unless it succeeds, because a failure's time is worthless. */
export function runAlone(call: Call, before: readonly string[] = []): Sample {
  const [command, options] = spelt(call, before);
  const started = performance.now();
  const { exitCode, stdout, stderr, resourceUsage } = Bun.spawnSync(command, options);
  const millis = performance.now() - started;
  return sample(call, exitCode, [stdout.toString(), stderr.toString()], { millis, cpu: milliseconds(resourceUsage) });
}

/** Runs a plugin beside others. `since` is the time of the request on performance.now()'s clock, by default now. */
export async function runBeside(call: Call, since = performance.now()): Promise<Sample> {
  const [command, options] = spelt(call, []);
  const child = Bun.spawn(command, options);
  const said = Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  const exit = await child.exited;
  const millis = performance.now() - since;
  return sample(call, exit, await said, { millis, cpu: milliseconds(child.resourceUsage()) });
}

const milliseconds = (usage: Usage) => Number(usage.cpuTime.total) / 1000;

function spelt(call: Call, before: readonly string[]): readonly [readonly string[], SpawnOptions] {
  const { plugin = 'calico' } = call;
  const program = plugin.startsWith('/') ? plugin : `${tools().bin}/${plugin}`;
  const stdin = Buffer.from(typeof call.conf === 'string' ? call.conf : JSON.stringify(call.conf));
  return [[...before, program], { env: environment(call), stdin, stdout: 'pipe', stderr: 'pipe' }];
}

function sample(call: Call, exit: number, said: readonly string[], times: Omit<Sample, 'stdout'>): Sample {
  if (exit !== 0) throw new Error(`${call.plugin ?? 'calico'} ${call.command}: exit ${exit}\n${said.join('\n')}`);
  return { ...times, stdout: said[0] ?? '' };
}
