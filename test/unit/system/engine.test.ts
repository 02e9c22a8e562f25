import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bundleUnitTests } from '../../quickjs/bundle.ts';

/** The executables' native part; without it there is nothing to run the tests on. */
const host = process.env['CALICO_HOST'] ?? '';

test.runIf(host !== '')('the unit tests pass on the engine of the executables', { timeout: 600_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'engine-'));
  try {
    const file = join(folder, 'unit.mjs');
    await bundleUnitTests(file);
    const { status, stdout, stderr } = spawnSync(host, ['run', file], { encoding: 'utf8', maxBuffer: 64 << 20 });
    expect(stderr).toBe('');
    expect(stdout).not.toContain('FAIL');
    expect(stdout).toMatch(/(?:^|\n)\d{2,} files: \d{3,} passed, 0 failed\n/);
    expect(status).toBe(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
