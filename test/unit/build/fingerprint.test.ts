import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fingerprint } from '../../../build/fingerprint.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'fingerprint-'));
  mkdirSync(join(root, 'host/src'), { recursive: true });
  writeFileSync(join(root, 'host/src/main.rs'), 'fn main() {}');
});
afterEach(() => rmSync(root, { recursive: true }));

const now = () => fingerprint(root, ['host']);

test('a changed, renamed or added source changes it', () => {
  const seen = [now()];
  writeFileSync(join(root, 'host/src/main.rs'), 'fn main() { }');
  seen.push(now());
  writeFileSync(join(root, 'host/src/new.rs'), '');
  seen.push(now());
  rmSync(join(root, 'host/src/new.rs'));
  writeFileSync(join(root, 'host/src/newer.rs'), '');
  seen.push(now());
  expect(new Set(seen).size).toBe(4);
});

test('what cargo leaves beside the sources does not change it', () => {
  const before = now();
  mkdirSync(join(root, 'host/target/debug'), { recursive: true });
  writeFileSync(join(root, 'host/target/debug/calico-host'), 'built');
  expect(now()).toBe(before);
});
