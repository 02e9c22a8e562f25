import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import type { EtcdConfig } from '../../../shared/etcd/config.ts';
import type { Order, Report } from './probe.ts';

/** The probe, bundled for Node and compiled by Bun like the product. */
export interface Runtimes {
  readonly folder: string;
  readonly node: readonly string[];
  readonly bun: readonly string[];
}

export const RUNTIMES = ['node', 'bun'] as const;

export async function buildProbe(): Promise<Runtimes> {
  const folder = mkdtempSync(join(tmpdir(), 'etcd-probe-'));
  const bundle = join(folder, 'probe.mjs');
  const executable = join(folder, 'probe');
  const source = join(import.meta.dirname, 'probe.ts');
  await build({ entryPoints: [source], outfile: bundle, bundle: true, platform: 'node', format: 'esm' });
  const { arch } = process;
  const bun = dirname(
    createRequire(import.meta.url).resolve(`@oven/bun-linux-${arch === 'arm64' ? 'aarch64' : 'x64'}/package.json`),
  );
  await run([
    join(bun, 'bin/bun'),
    'build',
    '--compile',
    '--bytecode',
    '--format=esm',
    bundle,
    '--outfile',
    executable,
  ]);
  return { folder, node: [process.execPath, bundle], bun: [executable] };
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
