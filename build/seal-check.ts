import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { version } from './bundle.ts';

const EVIL = 'console.log("taken over");\n';

/** Surroundings that would make an unsealed executable behave differently, or print or write more. */
export function hostileSurroundings(folder: string): readonly Record<string, string>[] {
  const preload = join(folder, 'evil.js');
  return [
    { BUN_BE_BUN: '1' },
    { BUN_OPTIONS: '--version' },
    { BUN_OPTIONS: `--preload ${preload}` },
    { BUN_OPTIONS: '--print 6*7' },
    { BUN_INSPECT: `ws+unix://${folder}/inspect.sock`, BUN_INSPECT_PRELOAD: preload },
    { BUN_INSPECT_CONNECT_TO: `ws+unix://${folder}/inspect.sock` },
    { BUN_JSC_dumpOptions: '1' },
    { BUN_JSC_useExecutableAllocationFuzz: '1', BUN_JSC_fireExecutableAllocationFuzzAt: '1' },
    { BUN_BYTECODE_ORDER_OUT: join(folder, 'order') },
    { BUN_CONFIG_VERBOSE_FETCH: 'curl', BUN_CONFIG_REGISTRY: 'http://127.0.0.1:1/' },
    { NODE_OPTIONS: `--require ${preload}` },
    { NODE_PATH: folder, NODE_DEBUG: 'fs,net,http2' },
    { NODE_CHANNEL_FD: '1' },
    { HOME: folder, XDG_CONFIG_HOME: folder },
  ];
}

/** A directory with everything that a Bun or Node program reads from its working directory or home. */
export function hostileFolder(parent: string): string {
  const folder = mkdtempSync(join(parent, 'calico-hostile-'));
  const bunfig = 'preload = ["./evil.js"]\n';
  const files = {
    'evil.js': EVIL,
    '.env': 'BUN_BE_BUN=1\nCNI_COMMAND=VERSION\n',
    'bunfig.toml': bunfig,
    '.bunfig.toml': bunfig,
  };
  const json = {
    'package.json': '{"type":"commonjs","main":"evil.js"}',
    'tsconfig.json': '{"compilerOptions":{"paths":{"*":["./evil.js"]}}}',
  };
  for (const [name, text] of Object.entries({ ...files, ...json })) writeFileSync(join(folder, name), text);
  mkdirSync(join(folder, 'node_modules'));
  return folder;
}

/** Runs the executable in hostile surroundings. Throws unless it prints only its version, and writes nothing. */
export async function verifySeal(executable: string): Promise<void> {
  const folder = hostileFolder(tmpdir());
  try {
    const before = readdirSync(folder).join();
    for (const env of hostileSurroundings(folder)) {
      const ran = await execa(executable, ['-v'], {
        env,
        extendEnv: false,
        cwd: folder,
        reject: false,
        timeout: 10_000,
      });
      if (ran.exitCode !== 0 || ran.stdout !== version || ran.stderr !== '' || readdirSync(folder).join() !== before) {
        throw new Error(`The executable is affected by ${JSON.stringify(env)}: ${ran.stdout} ${ran.stderr}`);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
