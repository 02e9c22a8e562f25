import { expect, test } from 'vitest';
import { code, importsOf, SOURCES } from './sources.ts';

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

/** What alone may use Node.js: the platform of unit tests and tools. The executables do not contain it. */
const ON_NODE = SOURCES.filter((path) => path.startsWith('shared/platform/node/'));
/** What a runtime offers beyond the language: each runtime has others, and none of them is in the executables. */
const OF_RUNTIMES =
  /\b(?:process|Buffer|URL|URLSearchParams|TextEncoder|TextDecoder|AbortController|AbortSignal|Bun|fetch|crypto|atob|btoa|structuredClone|setTimeout|clearTimeout|setInterval|clearInterval|setImmediate|queueMicrotask|console|require|NodeJS|Intl|Atomics|SharedArrayBuffer|performance|globalThis)\b(?=\s*[.(<])|\bnew (?:Buffer|URL|URLSearchParams|TextEncoder|TextDecoder|AbortController|Worker)\b|\blocaleCompare\b|\btoLocale\w+\b/;
/** The executables' platform is what their native part has put there. */
const NATIVE = 'shared/platform/native.ts';

test('the lists in this test name files that exist', () => {
  const listed = [...WRITERS, ...ENDERS, ...Object.values(PACKAGES).flat()];
  expect(listed.filter((path) => !SOURCES.includes(path))).toEqual([]);
});

test('imports lead to sources, to the platform or to a package in its one place', () => {
  for (const path of SOURCES.filter((one) => !ON_NODE.includes(one))) {
    for (const imported of importsOf(path)) {
      const known = SOURCES.includes(imported) || imported === '#platform' || PACKAGES[imported]?.includes(path);
      expect(known, `${path} imports ${imported}`).toBe(true);
    }
  }
});

test.each(SOURCES.filter((path) => !ON_NODE.includes(path) && path !== NATIVE))(
  '%s asks nothing of a runtime but the language: the platform has the rest',
  (path) => {
    expect(OF_RUNTIMES.exec(code(path))?.[0]).toBeUndefined();
  },
);

test('the platform of Node.js is chosen by package.json alone', () => {
  const importing = SOURCES.filter((path) => importsOf(path).some((imported) => ON_NODE.includes(imported)));
  expect(importing.filter((path) => !ON_NODE.includes(path))).toEqual([]);
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
  const writing = /\b(?:world|World\(\))\.stdout\(|\b(?:write|writeFrom|writeWhole|writeAll)\(1\b/;
  expect(SOURCES.filter((path) => writing.test(code(path)) && !WRITERS.includes(path))).toEqual([]);
});

test('the exit status is set in one place', () => {
  const others = SOURCES.filter((path) => !ENDERS.includes(path) && !ON_NODE.includes(path));
  expect(others.filter((path) => /\bplatform\.exit\b/.test(code(path)))).toEqual([]);
});

test('other processes are signalled in one place', () => {
  expect(SOURCES.filter((path) => !ON_NODE.includes(path) && /\bplatform\.kill\b/.test(code(path)))).toEqual([
    'shared/system/processes.ts',
  ]);
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
