import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';
import { needsOf } from '../../../build/test-needs.ts';

const ROOT = join(import.meta.dirname, '../../..');
const FILES = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => `test/${name}`);
const EVERYTHING = {
  extras: [
    'chain',
    'kube-apiserver',
    'kubelet',
    'kubectl',
    'cluster',
    'packet-filters',
    'other-processor',
    'prometheus',
    'original',
    'birds',
    'openssl',
  ],
};

const needs = (...words: readonly string[]) => needsOf(words, FILES, ROOT);

describe('a run of unit tests builds and fetches nothing:', () => {
  test.each([
    ['test/unit/ipam/assign.test.ts'],
    ['./test/unit/ipam/assign.test.ts'],
    [`${ROOT}/test/unit/ipam/assign.test.ts`],
    ['test/unit'],
    ['interleaving'],
    ['TEST/UNIT/ipam'],
    ['test/unit/ipam/assign.test.ts:12'],
    ['test/unit/ipam/assign.test.ts', 'test/unit/plugins'],
    ['test/unit/ipam/assign.test.ts', '-t', 'integration'],
    ['test/unit/ipam/assign.test.ts', '--bail', '1'],
    ['--project', 'unit'],
    ['--project=unit'],
    ['--project', 'unit', 'journal'],
  ])('%s %s %s', (...words) => expect(needs(...words.filter((word) => word !== undefined))).toBeUndefined());
});

describe('an integration test needs executables and openssl, but no API server:', () => {
  test.each([
    [['test/integration/plugins/add-del.test.ts']],
    [['test/unit/ipam/assign.test.ts', 'test/integration/plugins/gc.test.ts']],
    [['host-lock']],
  ])('%j', (words) => expect(needs(...words)).toEqual({ extras: ['openssl'] }));
});

test.each([[[]], [['-t', 'a name']], [['no-such-file']], [['--project', '!unit']], [['test/']]])(
  'everything is prepared where any test may run: %j',
  (words) => expect(needs(...words)).toEqual(EVERYTHING),
);

test('only the tests that use a real API server build it', () => {
  expect(needs('test/interop/kubernetes/pods.test.ts')?.extras).toContain('kube-apiserver');
  expect(needs('test/interop/kubernetes/pods.test.ts')?.extras).not.toContain('kubelet');
  expect(needs('test/interop/original/golden.test.ts')?.extras).toEqual(['chain', 'openssl']);
});

/** Whether a file, or one of our files that it imports, contains a text. */
function reaches(file: string, text: RegExp, seen = new Set<string>()): boolean {
  seen.add(file);
  const source = readFileSync(join(ROOT, file), 'utf8');
  if (file.startsWith('test/') && text.test(source)) return true;
  return [...source.matchAll(/^(?:import|export)\s(?!type\b)(?:[^'";]*?\sfrom\s)?'(\.[^']+)'/gm)]
    .map(([, name = '']) => normalize(join(dirname(file), name)))
    .filter((imported) => !seen.has(imported) && existsSync(join(ROOT, imported)))
    .some((imported) => reaches(imported, text, seen));
}

test.each(FILES)('%s gets the tools that it uses', (file) => {
  const extras = needs(file)?.extras ?? [];
  if (reaches(file, /\bhasKubernetes\b/)) expect(extras).toContain('kube-apiserver');
  if (reaches(file, /tools\(\)\.kubelet/)) expect(extras).toContain('kubelet');
  if (reaches(file, /tools\(\)\.kubectl/)) expect(extras).toContain('kubectl');
  if (reaches(file, /tools\(\)\.otherProcessor/)) expect(extras).toContain('other-processor');
  if (reaches(file, /tools\(\)\.birds/)) expect(extras).toContain('birds');
  if (reaches(file, /tools\(\)\.original/)) expect(extras).toContain('original');
  if (
    reaches(
      file,
      /tools\(\)\.(?:cnitool|newPlugins|iptables|containerd|iperf3)|\{[^}]*\b(?:cnitool|containerd)\b[^}]*\} = tools\(\)/,
    )
  ) {
    expect(extras).toContain('chain');
  }
  if (reaches(file, /\btools\(\)/) && !file.startsWith('test/unit/')) expect(extras).toContain('openssl');
});
