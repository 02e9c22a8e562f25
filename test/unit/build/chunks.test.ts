import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundle, type Chunk, MAIN } from '../../../build/bundle.ts';
import { LATE_PARTS } from '../../../build/chunks.ts';

let folder = '';
let chunks: readonly Chunk[] = [];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bundle-'));
  chunks = await bundle(folder);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

/** The files that are loaded with these, these included. */
function loadedWith(files: readonly string[]): ReadonlySet<string> {
  const loaded = new Set(files);
  for (const file of loaded)
    for (const one of chunks.find((chunk) => chunk.file === file)?.imports ?? []) loaded.add(one);
  return loaded;
}

/** The sources that a call loads: the main file, and those that it imports by name. */
const sourcesOf = (...names: readonly string[]): readonly string[] => {
  const loaded = loadedWith([MAIN, ...names.map((name) => `${name}.mjs`)]);
  return chunks.filter(({ file }) => loaded.has(file)).flatMap(({ sources }) => Object.keys(sources));
};

const CALLS: Readonly<Record<string, readonly string[]>> = {
  VERSION: [],
  'ADD with etcd': ['add', 'etcd'],
  'ADD with etcd, for a pod': ['add', 'etcd', 'kubernetes'],
  'DEL with etcd': ['release', 'etcd'],
  'ADD with the Kubernetes datastore': ['add', 'kubernetes-datastore', 'kubernetes'],
  'DEL with the Kubernetes datastore': ['release', 'kubernetes-datastore', 'kubernetes'],
  'GC with etcd': ['gc', 'etcd'],
};

test.each([
  [
    'VERSION',
    /^plugins\/(?!main\.ts|dispatch\.ts)|^ipam\/(?!main\.ts)|^ctl\/|^shared\/(?:etcd|kubernetes|http2|netlink)/,
  ],
  [
    'ADD with etcd',
    /^shared\/kubernetes-datastore\/(?!api-group\.ts)|^shared\/kubernetes\/(?:api-connection|client|kubeconfig)\.ts|^ctl\//,
  ],
  ['ADD with etcd, for a pod', /^shared\/kubernetes-datastore\/(?!api-group\.ts)|^ctl\/|^node_modules\//],
  [
    'DEL with etcd',
    /^shared\/kubernetes-datastore\/(?!api-group\.ts)|^shared\/kubernetes\/(?:api-connection|client|kubeconfig)\.ts|^ipam\/allocate|^ctl\//,
  ],
  [
    'ADD with the Kubernetes datastore',
    /^shared\/etcd\/|^ctl\/|^node_modules\/|^shared\/kubernetes\/(?:kubevirt|virtual-machine)\.ts/,
  ],
  [
    'DEL with the Kubernetes datastore',
    /^shared\/etcd\/|^ipam\/allocate|^ctl\/|^node_modules\/|machine\.ts$(?<!with-machine\.ts)/,
  ],
  ['GC with etcd', /^shared\/kubernetes-datastore\/(?!api-group\.ts)|^ctl\//],
])('%s loads nothing of what only other calls need', (call, foreign) => {
  const sources = sourcesOf(...(CALLS[call] ?? []));
  expect(sources.length).toBeGreaterThan(20);
  expect(sources.filter((source) => foreign.test(source))).toEqual([]);
});

test('a call for a container loads at most six files', () => {
  for (const [call, names] of Object.entries(CALLS)) {
    expect([...loadedWith([MAIN, ...names.map((name) => `${name}.mjs`)])].length, call).toBeLessThanOrEqual(6);
  }
});

test('what is loaded late is in the files that are, and no call begins with them', () => {
  const early = new Set(
    Object.values(CALLS).flatMap((names) => sourcesOf(...names.filter((one) => one !== 'release'))),
  );
  for (const [name, sources] of LATE_PARTS) {
    const chunk = chunks.find(({ file }) => file === `${name}.mjs`);
    expect(Object.keys(chunk?.sources ?? {}).sort(), name).toEqual([...sources].sort());
    expect(
      sources.filter((source) => early.has(source)),
      name,
    ).toEqual([]);
  }
});

test('each source is in one file: errors are recognised by their class', () => {
  const sources = chunks.flatMap((chunk) => Object.keys(chunk.sources));
  expect(sources.filter((source, at) => sources.indexOf(source) !== at)).toEqual([]);
});

test('files have the names of what is in them', () => {
  const names = chunks.map(({ file }) => file);
  expect(names).toEqual(expect.arrayContaining(['calicoctl.mjs', 'calico-install.mjs', 'etcd.mjs', 'yaml.mjs']));
  expect(names.filter((name) => /\d|chunk|main/.test(name))).toEqual([]);
});
