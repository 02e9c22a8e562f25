import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface Locked {
  readonly version: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly os?: readonly string[];
}

const json = (file: string) => JSON.parse(readFileSync(file, 'utf8'));
const { dependencies, devDependencies } = json('package.json');
const lock: { lockfileVersion: number; packages: Record<string, Locked> } = json('package-lock.json');
const { '': root, ...packages } = lock.packages;

test('package.json names exact versions, and the lock file has the same', () => {
  expect(lock.lockfileVersion).toBe(3);
  expect(root).toMatchObject({ dependencies, devDependencies });
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
    expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
    expect(packages[`node_modules/${name}`]?.version, name).toBe(version);
  }
});

test('everything that is installed has a checksum, except tools of other platforms', () => {
  const bare = Object.entries(packages).filter(([, { integrity }]) => !/^sha512-[\w+/=]{88}$/.test(integrity ?? ''));
  for (const [path, { dev, optional, os }] of bare) {
    expect({ path, dev, optional, os }).toEqual({ path, dev: true, optional: true, os: expect.any(Array) });
  }
});

test('everything comes from the registry', () => {
  const strange = Object.entries(packages).filter(
    ([, { resolved }]) => resolved?.startsWith('https://registry.npmjs.org/') === false,
  );
  expect(strange).toEqual([]);
});
