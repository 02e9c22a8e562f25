import { linkSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  closeFile,
  exists,
  fileSystemOf,
  makeFolder,
  Open,
  openFile,
  overwrite,
  readText,
  replaceText,
  rewriteText,
  statusOf,
  writeFrom,
} from '../../../shared/system/files.ts';

let folder = '';
const at = (name: string) => join(folder, name);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'files-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a file of any length is read completely', () => {
  const text = 'é'.repeat(30_000);
  writeFileSync(at('a'), text);
  expect(readText(at('a'))).toBe(text);
});

test.each(['nothing', 'file/below'])('a missing file (%s) has no status, and reading it fails', (name) => {
  writeFileSync(at('file'), '');
  expect(exists(at(name))).toBe(false);
  expect(statusOf(at(name))).toBeUndefined();
  expect(() => readText(at(name))).toThrow(/^(?:ENOENT|ENOTDIR): /);
});

test('a file is replaced by a new one, in a folder that is made', () => {
  replaceText(at('made/a'), 'first');
  const before = statusOf(at('made/a'))?.identity;
  linkSync(at('made/a'), at('kept'));
  replaceText(at('made/a'), 'b');
  expect([readText(at('made/a')), readText(at('kept'))]).toEqual(['b', 'first']);
  expect(statusOf(at('made/a'))?.identity).not.toBe(before);
  expect(readdirSync(at('made'))).toEqual(['a']);
});

test('a file is rewritten in place, from its beginning; none is created', () => {
  writeFileSync(at('a'), 'longer');
  const before = statusOf(at('a'))?.identity;
  rewriteText(at('a'), 'b');
  expect(readText(at('a'))).toBe('b');
  expect(statusOf(at('a'))?.identity).toBe(before);
  expect(() => rewriteText(at('b'), '')).toThrow(/^ENOENT: /);
  expect(exists(at('b'))).toBe(false);
});

test('a path with a NUL does not exist, and is never cut at the NUL', () => {
  writeFileSync(at('a'), 'x');
  expect(exists(`${at('a')}\0b`)).toBe(false);
  expect(() => readText(`${at('a')}\0b`)).toThrow('null bytes');
});

test('the status has kind, mode and size, and recognises two names of one file', () => {
  writeFileSync(at('a'), 'abc', { mode: 0o640 });
  writeFileSync(at('b'), 'abc');
  linkSync(at('a'), at('c'));
  expect(statusOf(at('a'))).toMatchObject({ isFile: true, mode: 0o640, size: 3n, owner: process.getuid?.(), names: 2 });
  expect(statusOf(folder)?.isFile).toBe(false);
  expect(statusOf(at('c'))?.identity).toBe(statusOf(at('a'))?.identity);
  expect(statusOf(at('b'))?.identity).not.toBe(statusOf(at('a'))?.identity);
});

test('an open file has the status of its path; appending adds to it', () => {
  writeFileSync(at('a'), 'ab');
  const fd = openFile(at('a'), Open.append);
  writeFrom(fd, Buffer.from('c'));
  expect(statusOf(fd)).toEqual(statusOf(at('a')));
  closeFile(fd);
  expect(readFileSync(at('a'), 'utf8')).toBe('abc');
});

test('overwriting creates no file; folders are created with their parents, once', () => {
  expect(() => overwrite(at('a'), 'x')).toThrow('ENOENT');
  expect(exists(at('a'))).toBe(false);
  makeFolder(at('b/c'), 0o700);
  makeFolder(at('b/c'), 0o755);
  expect(statusOf(at('b/c'))?.mode).toBe(0o700);
});

test('/proc has its own kind of file system', () => {
  expect(fileSystemOf('/proc/self')).toBe(0x9fa0);
});
