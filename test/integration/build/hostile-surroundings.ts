import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const EVIL = 'console.log("taken over");\n';

/** Variables by which runtimes and C libraries run other code, or print or write more. */
export function hostileSurroundings(folder: string): readonly Record<string, string>[] {
  const preload = join(folder, 'evil.js');
  return [
    { CALICO_HOST: preload, CALICO_TOOLS: '{}' },
    { LD_PRELOAD: join(folder, 'evil.so'), LD_LIBRARY_PATH: folder, LD_AUDIT: join(folder, 'evil.so') },
    { LD_DEBUG: 'all', LD_DEBUG_OUTPUT: join(folder, 'ld') },
    { MALLOC_PERTURB_: '1', GLIBC_TUNABLES: 'glibc.malloc.check=3' },
    { RUST_BACKTRACE: 'full', RUST_LOG: 'trace', RUST_MIN_STACK: '1' },
    { SSLKEYLOGFILE: join(folder, 'keys'), SSL_CERT_FILE: preload, SSL_CERT_DIR: folder },
    { BUN_BE_BUN: '1', BUN_OPTIONS: `--preload ${preload}` },
    { NODE_OPTIONS: `--require ${preload}` },
    { NODE_PATH: folder, NODE_DEBUG: 'fs,net,http2' },
    { NODE_CHANNEL_FD: '1' },
    { HOME: folder, XDG_CONFIG_HOME: folder },
  ];
}

/** A directory with what JavaScript's runtimes read from their working directory or home. */
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
