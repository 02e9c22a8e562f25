import { dirname } from 'node:path';
import { configDefaults, defineConfig } from 'vitest/config';
import { isInSandbox } from '../build/sandbox.ts';
import { totals } from './totals.ts';

/** Tests that change interfaces, routes and mounts. They are collected anywhere, but run only in their own namespaces. */
const privileged = {
  globalSetup: 'test/sandboxed.ts',
  testTimeout: 60_000,
  hookTimeout: 60_000,
  ...(isInSandbox() ? {} : { testNamePattern: /(?!)/ }),
};

/** One after another, because the later ones load the machine. */
const project = (name: string, groupOrder: number, options = {}) => ({
  extends: true as const,
  test: { name, include: [`test/${name}/**/*.test.ts`], sequence: { groupOrder }, ...options },
});

export default defineConfig({
  root: dirname(import.meta.dirname),
  test: {
    pool: 'forks',
    // Tests mostly wait, so two files per run keep two cores busy.
    maxWorkers: 2,
    cache: false,
    reporters: ['default', totals],
    exclude: [...configDefaults.exclude, '.cache/**', 'dist/**'],
    projects: [
      project('unit', 0, { testTimeout: 60_000 }),
      project('integration', 1, privileged),
      project('interop', 2, privileged),
    ],
  },
});
