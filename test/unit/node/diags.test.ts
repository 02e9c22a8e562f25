import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { collectionOf } from '../../../node/diags/collection.ts';
import { tar } from '../../../node/diags/tar.ts';

const LIMITS = { part: 100, total: 250 };

test('a secret of one text is removed from all', () => {
  const collection = collectionOf(LIMITS);
  collection.add('log', 'tried with hunter-2-hunter');
  collection.add('conf', '{"password": "hunter-2-hunter"}');
  collection.learn('token: never-collected');
  collection.add('other', 'has never-collected in it');
  expect(collection.parts('Node x\n')).toEqual([
    { name: 'summary', text: 'Node x\n' },
    { name: 'log', text: 'tried with (removed)' },
    { name: 'conf', text: '{"password": "(removed)"}' },
    { name: 'other', text: 'has (removed) in it' },
  ]);
});

test('a long text keeps its end; when the archive is full the rest is named', () => {
  const collection = collectionOf(LIMITS);
  collection.add('long', `${'a'.repeat(150)}end`);
  collection.add('second', 'b'.repeat(130));
  collection.add('third', 'c');
  collection.leaveOut('nft', 'program nft not found');
  const [summary, long, ...others] = collection.parts('');
  expect(summary?.text).toBe('Not collected:\n  third: the archive is large enough\n  nft: program nft not found\n');
  expect(long?.text).toBe(`… 53 characters before this\n${'a'.repeat(97)}end`);
  expect(others.map(({ name }) => name)).toEqual(['second']);
});

test('tar reads the archive, with names, contents, modes and times', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tar-'));
  try {
    const path = 'p'.repeat(100);
    const file = (name: string, size: number) => ({ path: name, content: new Uint8Array(size).fill(97) });
    const archive = join(folder, 'x.tar');
    writeFileSync(
      archive,
      tar([file('d/empty', 0), file('d/block', 512), file('d/odd', 700), file(path, 1)], 1_700_000_000),
    );
    expect(execFileSync('tar', ['tf', archive], { encoding: 'utf8' })).toBe(`d/empty\nd/block\nd/odd\n${path}\n`);
    execFileSync('tar', ['xf', archive, '-C', folder]);
    expect(readFileSync(join(folder, 'd/odd'), 'utf8')).toBe('a'.repeat(700));
    const { size, mode, mtimeMs } = statSync(join(folder, 'd/block'));
    expect([size, mode & 0o777, mtimeMs]).toEqual([512, 0o600, 1_700_000_000_000]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
