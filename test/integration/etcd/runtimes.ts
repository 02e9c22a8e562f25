import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { tools } from '../../../build/tools.ts';
import type { EtcdConfig } from '../../../shared/etcd/config.ts';
import type { Order, Report } from './probe.ts';

/** The commands that run the probe under each runtime. */
export interface Runtimes {
  readonly folder: string;
  readonly node: readonly string[];
  readonly native: readonly string[];
}

export const RUNTIMES = ['node', 'native'] as const;

export async function buildProbe(): Promise<Runtimes> {
  const folder = mkdtempSync(join(tmpdir(), 'etcd-probe-'));
  const [forNode, forNative] = await Promise.all(RUNTIMES.map((runtime) => bundled(runtime, folder)));
  return { folder, node: [process.execPath, `${forNode}`], native: [tools().host, 'run', `${forNative}`] };
}

async function bundled(runtime: (typeof RUNTIMES)[number], folder: string): Promise<string> {
  const outfile = join(folder, `${runtime}.mjs`);
  await build({
    entryPoints: [join(import.meta.dirname, 'probe.ts')],
    outfile,
    bundle: true,
    platform: runtime === 'node' ? 'node' : 'neutral',
    conditions: [runtime],
    format: 'esm',
  });
  return outfile;
}

/** Runs the probe to its end. `total` is the time of the whole process in milliseconds. */
export async function probe(command: readonly string[], order: Order): Promise<Report & { total: number }> {
  const began = performance.now();
  const said = await run([...command, JSON.stringify(order)]);
  return { ...JSON.parse(said), total: Math.round(performance.now() - began) };
}

function run([program = '', ...args]: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let err = '';
    child.stdout.on('data', (part) => {
      out += part;
    });
    child.stderr.on('data', (part) => {
      err += part;
    });
    child.on('error', reject);
    child.on('close', (status) => (status === 0 ? resolve(out) : reject(new Error(`${program}: ${status} ${err}`))));
  });
}

/** A configuration with deadlines that a busy test machine meets if the server answers at all. */
export function briefly(endpoints: readonly string[], more: Partial<EtcdConfig> = {}): EtcdConfig {
  return {
    endpoints,
    discoverySrv: '',
    user: undefined,
    tls: { pair: undefined, ca: undefined, roots: [], minVersion: 'TLSv1.2', ciphers: undefined },
    limits: { connect: 3000, request: 3000, patience: 60 },
    ...more,
  };
}
