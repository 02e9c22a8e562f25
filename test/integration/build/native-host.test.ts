import { dirname } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { tools } from '../../../build/tools.ts';

/** The network's tests start servers in Node.js. */
const env = { PATH: `${dirname(process.execPath)}:${process.env['PATH']}` };

test.each(['main', 'network'])('the native host passes its own tests: %s', { timeout: 300_000 }, async (name) => {
  const file = `build/host/test/${name}.mjs`;
  const { all, exitCode } = await execa(tools().host, ['run', file], { all: true, env, reject: false });
  expect(all).toMatch(/^\d{2,} passed, 0 failed$/m);
  expect(exitCode).toBe(0);
});

test('a program that cannot be read is named, with the reason', async () => {
  const { stderr, exitCode } = await execa(tools().host, ['run', 'build/host/test'], { reject: false });
  expect(stderr).toMatch(/cannot load the module \/.*build\/host\/test: Is a directory/);
  expect(exitCode).toBe(70);
});
