import { expect, test } from 'vitest';
import { code, filesUnder, importsOf, SOURCES } from './sources.ts';

/** Folders that decide purely: values in, values out. */
const PURE_FOLDERS =
  /^(?:plugins\/decide|ipam\/(?:allocate|block|config|group|release)|ctl\/(?:change|kinds|resource|schema)|node\/bgp|shared\/(?:calico|cni|net))\//;
/** Files in them that do I/O, or import such files. */
const IMPURE = ['shared/cni/skel.ts', 'shared/cni/delegate.ts'];
/** Files that read pods, namespaces and nodes. */
const PURE_KUBERNETES = filesUnder('plugins/kubernetes').filter((path) => !/\/(?:ask|policy-wait)\.ts$/.test(path));
/** The decisions of an installation. */
const INSTALL = [
  ...[
    'command-line',
    'settings',
    'tokens',
    'built-in',
    'kubeconfig',
    'record',
    'steps',
    'advice',
    'findings',
    'network-programs',
  ],
  ...['held-credentials', 'kept-certificates', 'pass-plan'],
  ...[
    'plan',
    'request',
    'conf-plan',
    'kubernetes-check',
    'config-check',
    'etcd-check',
    'earlier-config',
    'executables-plan',
    'removal-plan',
  ],
];
/** Files in these folders that do I/O. All others are pure. */
const CTL_IO: Readonly<Record<string, RegExp>> = {
  'ctl/check': /\/(?:cluster-state|command|conf-lists|inspect|kernel|oddities)\.ts$/,
  'ctl/documents': /\/files\.ts$/,
  'ctl/init': /\/(?:find-address|host-addresses|init|internal-ips|this-node)\.ts$/,
  'ctl/ipam': /\/(?:configure|group-show|node-ipam|release|release-reports|scan-blocks|show|split)\.ts$/,
  'ctl/manifest': /\/manifest\.ts$/,
  'ctl/metrics':
    /\/(?:answer|command|credentials|manifest\/print|node-state|print|read-cluster|readings|serve|collector|textfile|web-config-file)\.ts$/,
  'ctl/migrate': /\/(?:export|exported-file|import)\.ts$/,
  'ctl/watch': /\/(?:marks|moment|signals|state-file|uptime|warm-pages)\.ts$/,
  'ctl/repair': /\/(?:dry-run-store|repair|repair-command)\.ts$/,
};
const PURE_CTL = Object.entries(CTL_IO).flatMap(([folder, io]) => filesUnder(folder).filter((path) => !io.test(path)));
/** Files in node's folders that do I/O. All others are pure. */
const NODE_IO: Readonly<Record<string, RegExp>> = {
  'node/forwarding': /\/(?:forward-chain|forwarding-part|legacy-chain|nat-table|sysctls)\.ts$/,
  'node/nftables': /\/kernel\.ts$/,
  'node/tunnel': /\/(?:devices|family-tunnels|ipip-device|kernel-entries|tunnel-part|vxlan-device)\.ts$/,
  'node/state': /\/(?:follow|kind-copy|network-copy)\.ts$/,
};
const PURE_NODE = Object.entries(NODE_IO).flatMap(([folder, io]) =>
  filesUnder(folder).filter((path) => !io.test(path)),
);
/** Single pure files of `plugins`, `ctl` and `shared`. */
const PURE_NAMED = [
  ...['abandoned', 'route-conflict', 'shaping-plan', 'step-command', 'veth-plan'].map(
    (name) => `plugins/linux/${name}.ts`,
  ),
  ...['attachment', 'container-interface', 'pair-request'].map((name) => `plugins/dataplane/${name}.ts`),
  'ipam/journal/journal-entry.ts',
  ...['add-message', 'messages', 'options'].map((name) => `plugins/grpc/${name}.ts`),
  ...PURE_KUBERNETES,
  ...INSTALL.map((name) => `ctl/install/${name}.ts`),
  ...PURE_CTL,
  ...PURE_NODE,
  ...['affinities', 'node-addresses', 'outcome', 'output', 'place', 'release-claim'].map(
    (name) => `ctl/commands/${name}.ts`,
  ),
  'ctl/command-line/args.ts',
  'ctl/command-line/duration.ts',
  ...['default-pools', 'mtu', 'node-plan'].map((name) => `node/registration/${name}.ts`),
  ...['other-programs', 'part', 'run-settings'].map((name) => `node/run/${name}.ts`),
  'ctl/datastore/readiness.ts',
  ...['json', 'numbers', 'table'].map((name) => `ctl/text/${name}.ts`),
  ...[
    'json-list',
    'objects',
    'pod-annotations',
    'pod-ports',
    'pod-profiles',
    'qos',
    'quantity',
    'veth-name',
    'virtual-machine',
  ].map((name) => `shared/kubernetes/${name}.ts`),
  ...[
    'community-text',
    'configuration',
    'filter-functions',
    'filter-rule',
    'quoted',
    'release',
    'route-filters',
    'session-text',
    'static-routes',
  ].map((name) => `node/bird/${name}.ts`),
  ...['check', 'checks', 'modules', 'neighbours', 'system', 'text'].map((name) => `node/checksystem/${name}.ts`),
  ...['collection', 'redact', 'sources', 'tar'].map((name) => `node/diags/${name}.ts`),
  ...['changes', 'channel', 'places', 'reply'].map((name) => `node/bird/${name}.ts`),
  'node/status/peers.ts',
  'shared/kubernetes/failure.ts',
  ...['byte-order', 'interfaces'].map((name) => `shared/system/${name}.ts`),
  ...['containers', 'guesses', 'hint', 'learnt', 'sequence'].map((name) => `shared/hint/${name}.ts`),
  ...['commit-steps', 'endpoint-marks', 'known-view', 'phases', 'query', 'ref', 'unavailable', 'view', 'with-text'].map(
    (name) => `shared/datastore/${name}.ts`,
  ),
  ...['free-blocks', 'key-store', 'keys', 'parents', 'query-reads', 'search', 'used-blocks', 'walk', 'windows'].map(
    (name) => `shared/etcd/${name}.ts`,
  ),
  ...['engine-error', 'failure', 'failure-text', 'failure-context'].map((name) => `shared/error/${name}.ts`),
  'shared/etcd/refusal.ts',
  'shared/etcd/status-texts.ts',
  ...['grpc', 'method', 'status-failure', 'try-failed', 'wire'].map((name) => `shared/grpc/${name}.ts`),
  ...['call-line', 'read-line', 'totals'].map((name) => `shared/call-counts/${name}.ts`),
  'shared/http1/request-head.ts',
  'shared/http2/allowance.ts',
  'shared/http2/tls-fault.ts',
  ...['message', 'link', 'address', 'route', 'route-to', 'netns-number', 'errno'].map(
    (name) => `shared/netlink/${name}.ts`,
  ),
];
const PURE = SOURCES.filter((path) => PURE_NAMED.includes(path) || (PURE_FOLDERS.test(path) && !IMPURE.includes(path)));

/** Clock, randomness, process or waiting that needs no import. */
const AMBIENT =
  /\b(?:process|console|performance|crypto|globalThis|Bun|Atomics|fetch|setTimeout|setInterval|setImmediate|queueMicrotask|async|await|require)\b(?!['"]?:)|\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bimport\(/;

/** What asks the platform only to convert: texts, bytes and digests. */
const CONVERSIONS = /^shared\/bytes\//;

/** The chain of imports from a file to the platform, undefined when there is none. */
function wayOut(path: string, seen: Set<string> = new Set()): string | undefined {
  seen.add(path);
  for (const imported of importsOf(path)) {
    if (imported === '#platform') return CONVERSIONS.test(path) ? undefined : `${path} → ${imported}`;
    const further = SOURCES.includes(imported) && !seen.has(imported) ? wayOut(imported, seen) : undefined;
    if (further !== undefined) return `${path} → ${further}`;
  }
  return undefined;
}

test('the lists in this test name files that exist', () => {
  expect([...PURE_NAMED, ...IMPURE].filter((path) => !SOURCES.includes(path))).toEqual([]);
});

test.each(PURE)('%s is pure: no import leads to the platform', (path) => {
  expect(wayOut(path)).toBeUndefined();
});

test.each(PURE)('%s is pure: no clock, randomness or process, and nothing to wait for', (path) => {
  expect(AMBIENT.exec(code(path))?.[0]).toBeUndefined();
});
