import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize, relative } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const SOURCES = ['plugins', 'ipam', 'ctl', 'shared'].flatMap(filesUnder).filter((path) => path.endsWith('.ts'));
/** Written by a program. */
const GENERATED = ['shared/etcd/rpc.ts'];

/** Folders that decide purely: values in, values out. */
const PURE_FOLDERS = /^(?:plugins\/decide|ipam\/(?:allocate|block|config|release)|shared\/(?:calico|cni|net))\//;
/** What in them talks to the world, or imports what does. */
const IMPURE = ['shared/cni/skel.ts', 'shared/cni/delegate.ts'];
/** What is read out of pods, namespaces and nodes. */
const PURE_KUBERNETES = filesUnder('plugins/kubernetes').filter((path) => !/\/(?:ask|policy-wait)\.ts$/.test(path));
/** What an installation decides. */
const INSTALL = [
  ...['command-line', 'settings', 'tokens', 'built-in', 'kubeconfig', 'record', 'steps', 'advice', 'findings'],
  ...[
    'plan',
    'request',
    'conf-plan',
    'config-check',
    'etcd-check',
    'earlier-config',
    'executables-plan',
    'removal-plan',
  ],
];
/** Resources as values: their kinds, rules and changes; the rest of `ctl/resource` reads files or etcd. */
const PURE_RESOURCE = filesUnder('ctl/resource').filter(
  (path) => !/\/(?:asked|delete-endpoint|delete-node|delete-pool|each|files|find|node-holdings)\.ts$/.test(path),
);
/** What is wrong with addresses and how it is mended is decided purely; these read, write, ask and print. */
const PURE_ADDRESSES = [...filesUnder('ctl/check'), ...filesUnder('ctl/ipam')].filter(
  (path) =>
    !/\/(?:cluster-name|command|conf-lists|dry-run-store|inspect|kernel|repair|repair-command)\.ts$/.test(path) &&
    !/\/(?:configure|release|release-reports|scan-blocks|show)\.ts$/.test(path),
);
/** Of `plugins`, `ctl` and `shared`, these do. */
const PURE_NAMED = [
  ...['abandoned', 'route-conflict', 'shaping-plan', 'step-words', 'veth-plan'].map(
    (name) => `plugins/linux/${name}.ts`,
  ),
  ...['attachment', 'container-interface', 'pair-request'].map((name) => `plugins/dataplane/${name}.ts`),
  'ipam/journal/journal-entry.ts',
  ...['add-message', 'messages', 'options'].map((name) => `plugins/grpc/${name}.ts`),
  ...PURE_KUBERNETES,
  ...INSTALL.map((name) => `ctl/install/${name}.ts`),
  ...PURE_RESOURCE,
  ...PURE_ADDRESSES,
  ...['init-plan', 'init-node', 'node-address', 'default-route', 'duration'].map((name) => `ctl/${name}.ts`),
  'ctl/node-blocks.ts',
  'shared/kubernetes/objects.ts',
  'shared/kubernetes/failure.ts',
  'shared/system/byte-order.ts',
  ...['commit-steps', 'known-view', 'phases', 'query', 'ref', 'unavailable', 'view'].map(
    (name) => `shared/datastore/${name}.ts`,
  ),
  ...['free-blocks', 'key-store', 'keys', 'parents', 'query-reads', 'search', 'used-blocks', 'walk', 'windows'].map(
    (name) => `shared/etcd/${name}.ts`,
  ),
  ...['engine-error', 'failure', 'failure-text', 'to-failure'].map((name) => `shared/error/${name}.ts`),
  ...['failure', 'refusal', 'status-texts', 'try-failed'].map((name) => `shared/etcd/${name}.ts`),
  'shared/grpc/wire.ts',
  'shared/http2/allowance.ts',
  'shared/http2/certificate-names.ts',
  'shared/http2/tls-fault.ts',
  ...['message', 'link', 'address', 'route', 'netns-number', 'errno'].map((name) => `shared/netlink/${name}.ts`),
];
const PURE = SOURCES.filter((path) => PURE_NAMED.includes(path) || (PURE_FOLDERS.test(path) && !IMPURE.includes(path)));

/** Packages that may be loaded, and by which files alone. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  yaml: ['shared/kubernetes/full-yaml.ts', 'ctl/yaml.ts'],
  commander: ['ctl/command-line.ts'],
};

/** Under these no folder imports itself by way of others, types included: what each rests on can be read from the bottom up. */
const WITHOUT_CIRCLES = ['shared', 'ipam'];

/** Which folders may import which. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  plugins: ['plugins', 'ipam', 'shared'],
  ipam: ['ipam', 'shared'],
  ctl: ['ctl', 'plugins', 'ipam', 'shared'],
  shared: ['shared'],
};

/** Which folders of plugins may import which others of them: none leads back. */
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

/** Who alone may import from another layer: the choice among names loads the operator's tools. */
const DOORS: Readonly<Record<string, readonly string[]>> = {
  'plugins/dispatch.ts': ['ctl/main.ts', 'ctl/install/main.ts'],
};

/** What only etcd's adapter knows: where objects are stored, and what reads and writes there. */
const ETCD_KEYS = ['client', 'free-blocks', 'key-store', 'keys', 'used-blocks', 'walk', 'windows'].map(
  (name) => `shared/etcd/${name}.ts`,
);

/** Who may write to standard output: the protocol, the process's own end of it, and the operator's tools. */
const WRITERS = [
  'shared/cni/skel.ts',
  'shared/system/process-world.ts',
  'ctl/main.ts',
  'ctl/context.ts',
  'ctl/install/main.ts',
];
/** Who may set the exit status: the process's own end, and the choice among names, which may fail before there is one. */
const ENDERS = ['shared/system/process-world.ts', 'plugins/dispatch.ts'];

/** What reaches for clock, chance, process or waiting without any import. */
const AMBIENT =
  /\b(?:process|console|performance|crypto|globalThis|Bun|Atomics|fetch|setTimeout|setInterval|setImmediate|queueMicrotask|async|await|require)\b(?!['"]?:)|\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bimport\(/;

function filesUnder(folder: string): string[] {
  const entries = readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));
}

const text = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** The source without comments and without what strings say. */
const code = (path: string): string =>
  text(path)
    .replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '')
    .replaceAll(/'(?:[^'\\\n]|\\.)*'/g, "''");

/** What a file imports, types too: paths from the root, packages and node: modules by name. */
function importsOf(path: string): string[] {
  const found = text(path).matchAll(/^(?:import|export)\s(?:[^'";]*?\sfrom\s)?'([^']+)'|\bimport\('([^']+)'\)/gm);
  return [...found].map(([, fixed, lazy]) => {
    const name = fixed ?? lazy ?? '';
    return name.startsWith('.') ? normalize(join(dirname(path), name)) : name;
  });
}

/** What is loaded with a file: neither types nor what it may ask for later. */
const STATIC_IMPORT = /^(?:import|export)\s(?!type\b)(?:[^'";]*?\sfrom\s)?'([^']+)'/gm;

/** The chain of imports from a file to the first node: module, undefined when there is none. */
function wayOut(path: string, seen: Set<string> = new Set()): string | undefined {
  seen.add(path);
  for (const imported of importsOf(path)) {
    if (imported.startsWith('node:')) return `${path} → ${imported}`;
    const further = SOURCES.includes(imported) && !seen.has(imported) ? wayOut(imported, seen) : undefined;
    if (further !== undefined) return `${path} → ${further}`;
  }
  return undefined;
}

type Arrows = ReadonlyMap<string, ReadonlySet<string>>;

/** Which folders under `roots` import which others. */
function foldersUnder(roots: readonly string[], imports: (path: string) => readonly string[]): Arrows {
  const arrows = new Map<string, Set<string>>();
  for (const path of SOURCES.filter((source) => roots.some((root) => source.startsWith(`${root}/`)))) {
    const folder = dirname(path);
    const others = imports(path).map((imported) => dirname(imported));
    arrows.set(folder, new Set([...(arrows.get(folder) ?? []), ...others.filter((other) => other !== folder)]));
  }
  return arrows;
}

/** The way from a folder back to itself, when there is one ahead of `way`. */
function circleFrom(folder: string, arrows: Arrows, way: readonly string[] = []): string | undefined {
  if (way.includes(folder)) return [...way.slice(way.indexOf(folder)), folder].join(' → ');
  const ahead = [...(arrows.get(folder) ?? [])];
  return ahead.map((next) => circleFrom(next, arrows, [...way, folder])).find((found) => found !== undefined);
}

/** The first circle among the folders under `roots`; undefined when there is none. */
function circleAmong(roots: readonly string[], imports: (path: string) => readonly string[]): string | undefined {
  const arrows = foldersUnder(roots, imports);
  return [...arrows.keys()].map((folder) => circleFrom(folder, arrows)).find((found) => found !== undefined);
}

test('the lists in this test name files that exist', () => {
  const listed = [...PURE_NAMED, ...IMPURE, ...WRITERS, ...ENDERS, ...GENERATED, ...Object.values(PACKAGES).flat()];
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

test('what a container is served with loads no module of node: at its start: each costs 1 to 2 ms', () => {
  const served = new Set<string>();
  const follow = (path: string): void => {
    if (!SOURCES.includes(path) || served.has(path)) return;
    served.add(path);
    for (const [, imported = ''] of text(path).matchAll(STATIC_IMPORT)) {
      expect(imported, path).not.toMatch(/^node:/);
      follow(normalize(join(dirname(path), imported)));
    }
  };
  follow('plugins/dispatch.ts');
  expect(served.size).toBeGreaterThan(100);
});

test.each(PURE)('%s is pure: no import leads to a node: module', (path) => {
  expect(wayOut(path)).toBeUndefined();
});

test.each(PURE)('%s is pure: neither clock nor chance nor process, and nothing to wait for', (path) => {
  expect(AMBIENT.exec(code(path))?.[0]).toBeUndefined();
});

test.each(SOURCES)('%s imports from the layers below only', (path) => {
  const layer = (of: string) => of.slice(0, of.indexOf('/'));
  const allowed = LAYERS[layer(path)] ?? [];
  const doors = DOORS[path] ?? [];
  const sources = importsOf(path).filter((imported) => SOURCES.includes(imported) && !doors.includes(imported));
  const wrong = sources.filter((imported) => !allowed.includes(layer(imported)));
  expect(wrong).toEqual([]);
});

test.each(WITHOUT_CIRCLES)('no folder under %s imports itself by way of others', (root) => {
  expect(circleAmong([root], importsOf)).toBeUndefined();
});

test('a circle of folders is found, however long the way round', () => {
  const round: Readonly<Record<string, readonly string[]>> = {
    'ipam/main.ts': ['ipam/block/block.ts', 'shared/log/log.ts'],
    'ipam/block/block.ts': ['ipam/block/ask.ts', 'ipam/release/release.ts'],
    'ipam/release/release.ts': ['ipam/allocate/assign.ts'],
    'ipam/allocate/assign.ts': ['ipam/block/block.ts'],
  };
  const found = circleAmong(['ipam'], (path) => round[path] ?? []);
  expect(found?.split(' → ').sort()).toEqual(['ipam/allocate', 'ipam/block', 'ipam/block', 'ipam/release']);
});

const PLUGIN_SOURCES = SOURCES.filter((path) => path.startsWith('plugins/'));

test.each(PLUGIN_SOURCES)('%s imports from the folders of plugins that its own may know', (path) => {
  const folder = dirname(path);
  const allowed = [folder, ...(PLUGIN_FOLDERS[folder] ?? [])];
  const imported = importsOf(path).filter((name) => name.startsWith('plugins/'));
  expect(imported.filter((name) => !allowed.includes(dirname(name)))).toEqual([]);
});

test('the folders of plugins import each other without circles', () => {
  const circle = (folder: string, above: readonly string[]): readonly string[] =>
    above.includes(folder)
      ? [[...above, folder].join(' → ')]
      : (PLUGIN_FOLDERS[folder] ?? []).flatMap((next) => circle(next, [...above, folder]));
  expect(Object.keys(PLUGIN_FOLDERS).flatMap((folder) => circle(folder, []))).toEqual([]);
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

test('failures become CNI errors in one place, and only where the protocol is spoken', () => {
  const door = 'shared/cni/cni-error.ts';
  expect(SOURCES.filter((path) => /\bCniError\b/.test(code(path)) && !path.startsWith('shared/cni/'))).toEqual([]);
  expect(SOURCES.filter((path) => /\bnew CniError\(/.test(code(path)))).toEqual([door]);
  expect(SOURCES.filter((path) => importsOf(path).includes(door)).sort()).toEqual([
    'shared/cni/delegate.ts',
    'shared/cni/skel.ts',
  ]);
});

test.each(SOURCES.filter((path) => path.startsWith('shared/error/')))('%s rests on no other folder', (path) => {
  expect(importsOf(path).filter((imported) => dirname(imported) !== 'shared/error')).toEqual([]);
});

test('standard output has one writer', () => {
  const writing = /\bprocess\.stdout\b|\b(?:world|World\(\))\.stdout\(|\bwriteSync\(1\b|\bwriteAll\(1\b|\bconsole\./;
  expect(SOURCES.filter((path) => writing.test(code(path)) && !WRITERS.includes(path))).toEqual([]);
});

test('the exit status is set in one place', () => {
  const ending = /\bprocess\.(?:exit|exitCode|reallyExit|abort|kill)\b/;
  expect(SOURCES.filter((path) => ending.test(code(path)) && !ENDERS.includes(path))).toEqual([]);
});

test.each(SOURCES.filter((path) => !GENERATED.includes(path)))('%s is at most 250 lines long', (path) => {
  expect(text(path).trimEnd().split('\n').length).toBeLessThanOrEqual(250);
});

test('files are named for one thing, in kebab-case', () => {
  const banned =
    /(?:^|[/.-])(?:utils?|helpers?|common|misc|types|constants|managers?|services?|controllers?|factory|factories|models|lib|core|base|index)(?:[/.-]|$)/;
  const wrong = SOURCES.filter((path) => banned.test(path) || !/^[a-z0-9]+(?:-[a-z0-9]+)*\.ts$/.test(basename(path)));
  expect(wrong).toEqual([]);
});
