import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { code, importsOf, SOURCES, text } from './sources.ts';

/** Packages that may be loaded, and the only files that may load them. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  yaml: ['shared/kubernetes/full-yaml.ts', 'ctl/text/yaml.ts'],
  commander: ['ctl/command-line/command-line.ts'],
};

/** Files that may write to standard output: the protocol, the process's side of it, and the operator's tools. */
const WRITERS = [
  'shared/cni/skel.ts',
  'shared/system/process-world.ts',
  'ctl/main.ts',
  'ctl/command-line/context.ts',
  'ctl/install/main.ts',
];
/** Files that may set the exit status: the process's side, and the dispatcher, which may fail before that exists. */
const ENDERS = ['shared/system/process-world.ts', 'plugins/dispatch.ts'];

/** What is loaded with a file, not types. */
const STATIC_IMPORT = /^(?:import|export)\s(?!type\b)(?:[^'";]*?\sfrom\s)?'([^']+)'/gm;
/** Sources that a file may ask for later. */
const LATER = /\bimport\('(\.[^']+)'\)/g;
/** What no call for a container asks for. */
const OTHERS = /^ctl\/|^shared\/kubernetes\/full-yaml\.ts$/;

test('the lists in this test name files that exist', () => {
  const listed = [...WRITERS, ...ENDERS, ...Object.values(PACKAGES).flat()];
  expect(listed.filter((path) => !SOURCES.includes(path))).toEqual([]);
});

test('imports lead to sources, to node: or to a package in its one place', () => {
  for (const path of SOURCES) {
    for (const imported of importsOf(path)) {
      const known = SOURCES.includes(imported) || imported.startsWith('node:') || PACKAGES[imported]?.includes(path);
      expect(known, `${path} imports ${imported}`).toBe(true);
    }
  }
});

test('the plugins load no node: module at their start: each costs 1 to 2 ms', () => {
  const served = new Set<string>();
  const follow = (path: string): void => {
    if (!SOURCES.includes(path) || served.has(path) || OTHERS.test(path)) return;
    served.add(path);
    for (const [, imported = ''] of text(path).matchAll(STATIC_IMPORT)) {
      expect(imported, path).not.toMatch(/^node:/);
      follow(normalize(join(dirname(path), imported)));
    }
    for (const [, later = ''] of text(path).matchAll(LATER)) follow(normalize(join(dirname(path), later)));
  };
  follow('plugins/dispatch.ts');
  expect(served.size).toBeGreaterThan(200);
});

test('failures become CNI errors in one place, and only where the protocol is spoken', () => {
  const door = 'shared/cni/cni-error.ts';
  expect(SOURCES.filter((path) => /\bCniError\b/.test(code(path)) && !path.startsWith('shared/cni/'))).toEqual([]);
  expect(SOURCES.filter((path) => /\bnew CniError\(/.test(code(path)))).toEqual([door]);
  expect(SOURCES.filter((path) => importsOf(path).includes(door)).sort()).toEqual([
    'shared/cni/delegate.ts',
    'shared/cni/skel.ts',
  ]);
});

test('standard output has one writer', () => {
  const writing = /\bprocess\.stdout\b|\b(?:world|World\(\))\.stdout\(|\bwriteSync\(1\b|\bwriteAll\(1\b|\bconsole\./;
  expect(SOURCES.filter((path) => writing.test(code(path)) && !WRITERS.includes(path))).toEqual([]);
});

test('the exit status is set in one place', () => {
  const ending = /\bprocess\.(?:exit|exitCode|reallyExit|abort|kill)\b/;
  expect(SOURCES.filter((path) => ending.test(code(path)) && !ENDERS.includes(path))).toEqual([]);
});

/** The same concept in both plugins. */
const SHARED_NAMES = ['Session'];

test('no two exported types have the same name: a word means one thing', () => {
  const declared = SOURCES.flatMap((path) =>
    [...code(path).matchAll(/^export (?:interface|type|class) (\w+)/gm)].map(([, name = '']) => ({ name, path })),
  );
  const twice = declared.filter(({ name, path }) =>
    declared.some((other) => other.name === name && other.path !== path),
  );
  expect(twice.filter(({ name }) => !SHARED_NAMES.includes(name))).toEqual([]);
});
