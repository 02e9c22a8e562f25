import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { filesUnder, importsOf, SOURCES, text } from './sources.ts';

/** Which folders may import which. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  plugins: ['plugins', 'ipam', 'shared'],
  ipam: ['ipam', 'shared'],
  node: ['node', 'ctl', 'ipam', 'shared'],
  ctl: ['ctl', 'plugins', 'ipam', 'shared'],
  shared: ['shared'],
};

/** Which folders of plugins may import which others, without cycles. */
const PLUGIN_FOLDERS: Readonly<Record<string, readonly string[]>> = {
  plugins: ['plugins/verbs', 'plugins/call'],
  'plugins/verbs': ['plugins/call', 'plugins/dataplane', 'plugins/decide', 'plugins/kubernetes'],
  'plugins/call': ['plugins/dataplane', 'plugins/decide', 'plugins/grpc', 'plugins/kubernetes', 'plugins/linux'],
  'plugins/decide': ['plugins/dataplane', 'plugins/kubernetes'],
  'plugins/linux': ['plugins/dataplane'],
  'plugins/grpc': ['plugins/dataplane'],
  'plugins/kubernetes': [],
  'plugins/dataplane': [],
};
/** Files of plugins/call that may know which dataplane it is. */
const DATAPLANE_CHOOSERS = ['dataplane-of', 'orphaned-links', 'preconditions'].map((name) => `plugins/call/${name}.ts`);

/** Files that may import from another layer: the dispatcher loads the operator's tools, and calicoctl lists the commands of node. */
const DOORS: Readonly<Record<string, readonly string[]>> = {
  'plugins/dispatch.ts': ['ctl/main.ts', 'ctl/install/main.ts'],
  'ctl/commands.ts': filesUnder('node/commands'),
};

/** What only etcd's adapter knows: where objects are stored, and what reads and writes there. */
const ETCD_KEYS = ['client', 'free-blocks', 'key-store', 'keys', 'used-blocks', 'walk', 'windows'].map(
  (name) => `shared/etcd/${name}.ts`,
);

/** The only files that open an etcd, or read its configuration. Everything else works with a Datastore. */
const ETCD_OPENERS = [
  'shared/call/open-etcd.ts',
  'ctl/command-line/config.ts',
  'ctl/command-line/context.ts',
  'ctl/datastore/check.ts',
  'ctl/datastore/state-text.ts',
  'ctl/install/servable.ts',
];

type Arrows = ReadonlyMap<string, ReadonlySet<string>>;

/** Which folders import which others. */
function arrowsOf(paths: readonly string[], imports: (path: string) => readonly string[]): Arrows {
  const arrows = new Map<string, Set<string>>();
  for (const path of paths) {
    const folder = dirname(path);
    const others = imports(path).map((imported) => dirname(imported));
    arrows.set(folder, new Set([...(arrows.get(folder) ?? []), ...others.filter((other) => other !== folder)]));
  }
  return arrows;
}

/** A cycle of folders; undefined when there is none. */
function circleIn(arrows: Arrows): string | undefined {
  const settled = new Set<string>();
  const follow = (folder: string, way: readonly string[]): string | undefined => {
    if (way.includes(folder)) return [...way.slice(way.indexOf(folder)), folder].join(' → ');
    if (settled.has(folder)) return undefined;
    for (const next of arrows.get(folder) ?? []) {
      const found = follow(next, [...way, folder]);
      if (found !== undefined) return found;
    }
    settled.add(folder);
    return undefined;
  };
  for (const folder of arrows.keys()) {
    const found = follow(folder, []);
    if (found !== undefined) return found;
  }
  return undefined;
}

test.each(SOURCES)('%s imports from the layers below only', (path) => {
  const layer = (of: string) => of.slice(0, of.indexOf('/'));
  const allowed = LAYERS[layer(path)] ?? [];
  const doors = DOORS[path] ?? [];
  const sources = importsOf(path).filter((imported) => SOURCES.includes(imported) && !doors.includes(imported));
  const wrong = sources.filter((imported) => !allowed.includes(layer(imported)));
  expect(wrong).toEqual([]);
});

test('there is no cycle of folders, types included', () => {
  expect(circleIn(arrowsOf(SOURCES, importsOf))).toBeUndefined();
});

const SUPPORT = filesUnder('test/support');

test('test/support has no cycle of folders, and imports no tests', () => {
  expect(circleIn(arrowsOf(SUPPORT, importsOf))).toBeUndefined();
  const imported = SUPPORT.flatMap(importsOf).filter((name) => name.startsWith('test/'));
  expect(imported.filter((name) => !SUPPORT.includes(name))).toEqual([]);
  expect(SUPPORT.filter((path) => dirname(path) === 'test/support')).toEqual([]);
});

test('a cycle of folders of any length is found', () => {
  const round: Readonly<Record<string, readonly string[]>> = {
    'ipam/main.ts': ['ipam/block/block.ts', 'shared/log/log.ts'],
    'ipam/block/block.ts': ['ipam/block/ask.ts', 'ipam/release/release.ts'],
    'ipam/release/release.ts': ['ipam/allocate/assign.ts'],
    'ipam/allocate/assign.ts': ['ipam/block/block.ts'],
  };
  const found = circleIn(arrowsOf(Object.keys(round), (path) => round[path] ?? []));
  expect(found?.split(' → ').sort()).toEqual(['ipam/allocate', 'ipam/block', 'ipam/block', 'ipam/release']);
});

const PLUGIN_SOURCES = SOURCES.filter((path) => path.startsWith('plugins/'));

test.each(PLUGIN_SOURCES)('%s imports from the folders of plugins that its own may know', (path) => {
  const folder = dirname(path);
  const allowed = [folder, ...(PLUGIN_FOLDERS[folder] ?? [])];
  const imported = importsOf(path).filter((name) => name.startsWith('plugins/'));
  expect(imported.filter((name) => !allowed.includes(dirname(name)))).toEqual([]);
});

test('every folder of plugins is among those', () => {
  expect([...new Set(PLUGIN_SOURCES.map((path) => dirname(path)))].sort()).toEqual(Object.keys(PLUGIN_FOLDERS).sort());
});

test('the dataplane is chosen in one place', () => {
  const knowing = PLUGIN_SOURCES.filter(
    (path) =>
      !/^plugins\/(?:linux|grpc)\//.test(path) &&
      importsOf(path).some((name) => /^plugins\/(?:linux|grpc)\//.test(name)),
  );
  expect(knowing).toEqual(DATAPLANE_CHOOSERS);
  const choosing = PLUGIN_SOURCES.filter((path) => importsOf(path).includes('plugins/grpc/dataplane.ts'));
  expect(choosing).toEqual(['plugins/call/dataplane-of.ts']);
});

test.each(SOURCES.filter((path) => !path.startsWith('shared/etcd/')))(
  '%s knows no key of etcd: objects are named by refs and queries',
  (path) => {
    expect(importsOf(path).filter((imported) => ETCD_KEYS.includes(imported))).toEqual([]);
    expect(text(path)).not.toMatch(/['"`]\/calico\//);
  },
);

test.each(SOURCES.filter((path) => path.startsWith('shared/error/')))('%s rests on no other folder', (path) => {
  expect(importsOf(path).filter((imported) => dirname(imported) !== 'shared/error')).toEqual([]);
});

test('etcd is imported only where a datastore is opened or configured', () => {
  const importing = SOURCES.filter((path) => !path.startsWith('shared/etcd/')).filter((path) =>
    importsOf(path).some((imported) => imported.startsWith('shared/etcd/')),
  );
  expect(importing.filter((path) => !ETCD_OPENERS.includes(path))).toEqual([]);
});
