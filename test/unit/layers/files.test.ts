import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { filesUnder, SOURCES, text } from './sources.ts';

/** Generated files say so in their name. Change their generator instead. */
const isGenerated = (path: string) => basename(path).startsWith('generated-');
const WRITTEN = [
  ...SOURCES,
  ...['build', 'test'].flatMap(filesUnder).filter((path) => /\.(?:ts|mjs)$/.test(path)),
].filter((path) => !isGenerated(path));

const lines = (path: string): number => text(path).trimEnd().split('\n').length;

test.each(WRITTEN)('%s is at most 250 lines long', (path) => expect(lines(path)).toBeLessThanOrEqual(250));

test('half of the files are below 80 lines', () => {
  const sorted = WRITTEN.map(lines).sort((a, b) => a - b);
  expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThan(80);
});

test('a file called generated names its generator in its first line', () => {
  const generated = SOURCES.filter(isGenerated);
  expect(generated).toEqual(['shared/etcd/generated-rpc.ts']);
  for (const path of generated) expect(text(path)).toMatch(/^\/\/ Generated from .* by build\//);
});

test('files are named for one thing, in kebab-case', () => {
  const banned =
    /(?:^|[/.-])(?:utils?|helpers?|common|misc|types|constants|managers?|services?|controllers?|factory|factories|models|lib|core|base|index)(?:[/.-]|$)/;
  const wrong = WRITTEN.filter(
    (path) => banned.test(path) || !/^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.test|\.config)?\.(?:ts|mjs)$/.test(basename(path)),
  );
  expect(wrong).toEqual([]);
});
