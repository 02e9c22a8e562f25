import type { Extra } from './setup.ts';

/** What a run of tests needs. Undefined: nothing except the sources. */
export type Needs = { readonly extras: readonly Extra[] } | undefined;

const PROJECTS = ['unit', 'integration', 'interop'];

/** Options of vitest that take a value, so that the next word is not a file. */
const NAMES_TESTS = ['-t', '--testNamePattern'];

/** Tests that use a real API server, kubelet, kubectl, a whole cluster, plugin chains (cnitool, containerd …), another processor, Prometheus. */
const API_SERVER =
  /^test\/interop\/(?:calico-node\/|cluster\/|kubernetes\/|kubernetes-datastore\/|node\/|runtimes\/cri\.|install\/(?:in-a-pod|renewal)\.)/;
const KUBELET = /^test\/interop\/(?:cluster\/|kubernetes-datastore\/kubelet\.)/;
const CLUSTER = /^test\/interop\/cluster\//;
const KUBECTL = /^test\/interop\/kubernetes-datastore\/ctl-tutorial\./;
const CHAINED = /^test\/(?:interop\/|integration\/(?:plugins\/shaping|build\/installed-parts)\.)/;
const PROMETHEUS = /^test\/interop\/prometheus\//;
/** Tests of routes between machines. */
const BIRDS = /^test\/(?:(?:integration|interop)\/node\/|interop\/(?:calico-node\/|cluster\/two-nodes\.))/;
const ORIGINAL = /^test\/interop\/calico-node\//;
const PACKET_FILTERS = /^test\/integration\/node\/forwarding/;
const OTHER_PROCESSOR = /^test\/integration\/build\/other-processor\./;

/**
 * What the tests selected by `npm test -- WORDS` need. `files` are all test files, relative to the root. A word that
 * is in no file's path selects nothing, and without any selection everything runs. When in doubt, returns too much
 * rather than too little.
 */
export function needsOf(words: readonly string[], files: readonly string[], root: string): Needs {
  const chosen = inProjects(chosenFiles(words, files, root), words);
  if (chosen.every((file) => file.startsWith('test/unit/'))) return undefined;
  const extras: readonly (readonly [Extra, boolean])[] = [
    ['chain', chosen.some((file) => CHAINED.test(file))],
    ['kube-apiserver', chosen.some((file) => API_SERVER.test(file))],
    ['kubelet', chosen.some((file) => KUBELET.test(file))],
    ['kubectl', chosen.some((file) => KUBECTL.test(file))],
    ['cluster', chosen.some((file) => CLUSTER.test(file))],
    ['packet-filters', chosen.some((file) => PACKET_FILTERS.test(file))],
    ['other-processor', chosen.some((file) => OTHER_PROCESSOR.test(file))],
    ['prometheus', chosen.some((file) => PROMETHEUS.test(file))],
    ['original', chosen.some((file) => ORIGINAL.test(file))],
    ['birds', chosen.some((file) => BIRDS.test(file))],
    ['openssl', true],
  ];
  return { extras: extras.filter(([, needed]) => needed).map(([extra]) => extra) };
}

/** The files that vitest selects: those whose path contains one of the words, ignoring case. */
function chosenFiles(words: readonly string[], files: readonly string[], root: string): readonly string[] {
  const filters = words
    .filter((word, at) => !word.startsWith('-') && !NAMES_TESTS.includes(words[at - 1] ?? ''))
    .map((word) => word.replace(`${root}/`, '').replace(/^\.\//, '').replace(/:\d+$/, '').toLowerCase());
  const chosen = files.filter((file) => filters.some((filter) => file.toLowerCase().includes(filter)));
  return chosen.length === 0 ? files : chosen;
}

/** The files of the projects that `--project` names, or of all projects if it names an unknown one. */
function inProjects(files: readonly string[], words: readonly string[]): readonly string[] {
  const named = words.flatMap((word, at) => {
    if (word.startsWith('--project=')) return word.slice('--project='.length);
    return words[at - 1] === '--project' ? word : [];
  });
  if (named.length === 0 || named.some((name) => !PROJECTS.includes(name))) return files;
  return files.filter((file) => named.some((name) => file.startsWith(`test/${name}/`)));
}
