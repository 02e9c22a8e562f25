import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { LIBRARY_SHIMS } from '../../build/library-shims.ts';
import { ROOT } from '../../build/places.ts';

/** Unit tests that are not about the product on its engine: of sources, pages and tools, or with tools that need Node.js. */
const NOT_OF_THE_ENGINE =
  /^test\/unit\/(?:build|docs|layers|robustness)\/|\/(?:engine|process-world|file-modes|grpc-messages|local-time|codec|completion|tutorials|delegate)\.test\.ts$/;

const HERE = import.meta.dirname;
const NODE_MODULES = ['child_process', 'crypto', 'fs', 'net', 'os', 'path'];

/** The files of unit tests that run on the executables' engine. */
const unitTests = (): readonly string[] =>
  readdirSync(join(ROOT, 'test/unit'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `test/unit/${name}`)
    .filter((path) => !NOT_OF_THE_ENGINE.test(path))
    .sort();

/** Gives each file its own folder, which a bundle no longer knows. */
const withFolders: Plugin = {
  name: 'folders',
  setup: (on) => {
    on.onLoad({ filter: /\/test\/.*\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replaceAll('import.meta.dirname', JSON.stringify(dirname(path))),
      loader: 'ts',
    }));
  },
};

/** Writes all of them into one module, with our own vitest and the little that they use of Node.js. */
export async function bundleUnitTests(outfile: string): Promise<void> {
  const files = unitTests().map((path) => `[${JSON.stringify(path)}, () => import(${JSON.stringify(`./${path}`)})]`);
  const shims = NODE_MODULES.map((name) => [`node:${name}`, join(HERE, `node/${name.replace('_', '-')}.ts`)] as const);
  await build({
    absWorkingDir: ROOT,
    stdin: {
      contents: `import './test/quickjs/globals.ts';
        import { platform } from '#platform';
        import { runFiles } from './test/quickjs/run.ts';
        void runFiles([${files.join(',\n')}], platform.argv.slice(1));`,
      resolveDir: ROOT,
    },
    outfile,
    bundle: true,
    platform: 'neutral',
    mainFields: ['module', 'main'],
    format: 'esm',
    target: 'es2023',
    define: { __VERSION__: '"0.0.0"' },
    alias: {
      ...LIBRARY_SHIMS,
      ...Object.fromEntries(shims),
      '#platform': join(HERE, 'platform.ts'),
      vitest: join(HERE, 'vitest.ts'),
    },
    logLevel: 'error',
    plugins: [withFolders],
  });
}
