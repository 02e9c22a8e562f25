import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { SOURCES, text } from './sources.ts';

/** Written by a program. */
const GENERATED = ['shared/etcd/rpc.ts'];

test.each(SOURCES.filter((path) => !GENERATED.includes(path)))('%s is at most 250 lines long', (path) => {
  expect(text(path).trimEnd().split('\n').length).toBeLessThanOrEqual(250);
});

test('files are named for one thing, in kebab-case', () => {
  const banned =
    /(?:^|[/.-])(?:utils?|helpers?|common|misc|types|constants|managers?|services?|controllers?|factory|factories|models|lib|core|base|index)(?:[/.-]|$)/;
  const wrong = SOURCES.filter((path) => banned.test(path) || !/^[a-z0-9]+(?:-[a-z0-9]+)*\.ts$/.test(basename(path)));
  expect(wrong).toEqual([]);
});
