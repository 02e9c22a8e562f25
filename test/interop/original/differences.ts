import { readFileSync } from 'node:fs';
import type { Levelled } from './level.ts';
import { recorded } from './recorded.ts';
import { readRecording } from './recording.ts';

/** Where we differ from the original on purpose: the outcome of a recorded step as ours must produce it. */
export interface Difference {
  readonly scenario: string;
  readonly step: number;
  readonly why: string;
  readonly ours: (theirs: Levelled) => Levelled;
}

const VERSION: string = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')).version;
const NOT_READY =
  'datastoreReady in /calico/resources/v3/projectcalico.org/clusterinformations/default is not true; when no upgrade or migration is running: calicoctl datastore ready true';
const VERSIONS = 'the specification is supported up to 1.1.0, and VERSION says so';

export const DIFFERENCES: readonly Difference[] = [
  {
    scenario: 'version-1.1.0',
    step: 0,
    why: VERSIONS,
    ours: () =>
      changeTexts(recordedStep('result-1.0.0', 0), (text) =>
        text.replace('"cniVersion": "1.0.0"', '"cniVersion": "1.1.0"'),
      ),
  },
  { scenario: 'version-command', step: 0, why: VERSIONS, ours: (theirs) => changeTexts(theirs, addVersion) },
  { scenario: 'version-command', step: 1, why: VERSIONS, ours: (theirs) => changeTexts(theirs, addVersion) },
  ...[2, 3].map((step) => ({
    scenario: 'version-command',
    step,
    why: 'the version is that of this project',
    ours: (theirs: Levelled) => ({ ...theirs, stdout: `${VERSION}\n` }),
  })),
  {
    scenario: 'version-command',
    step: 4,
    why: '-t prints what it found',
    ours: (theirs) => ({ ...theirs, stdout: 'The datastore answers and is ready: http://127.0.0.1:2379\n' }),
  },
  {
    scenario: 'errors-datastore',
    step: 6,
    why: '-t names the key that keeps the datastore from being ready, and what to do',
    ours: (theirs) =>
      changeTexts(theirs, (text) => text.replace('process requests"', `process requests: ${NOT_READY}"`)),
  },
  { scenario: 'errors-config', step: 2, why: VERSIONS, ours: (theirs) => changeTexts(theirs, addVersion) },
  {
    scenario: 'errors-config',
    step: 11,
    why: 'ADD into a namespace that does not exist fails, even if the container has an interface elsewhere',
    ours: (theirs) => ({
      ...theirs,
      exit: 1,
      stdout: failureText('failed to Statfs "/var/run/netns/nosuch-ns": no such file or directory'),
    }),
  },
  {
    scenario: 'nodename-from-file',
    step: 1,
    why: 'the nodename file is trimmed',
    ours: () => changeTexts(recordedStep('add-del', 0), onNode2),
  },
  {
    scenario: 'nodename-from-file',
    step: 2,
    why: 'the nodename file is trimmed',
    ours: () => changeTexts(recordedStep('add-del', 2), onNode2),
  },
  {
    scenario: 'del-without-netns',
    step: 1,
    why: 'DEL without a namespace removes the host veth',
    ours: () => recordedStep('add-del', 2),
  },
  {
    scenario: 're-add-other-ifname',
    step: 1,
    why: 'another interface name moves the endpoint there, and the result is correct',
    ours: (theirs) => ({ ...theirs, pods: changeTexts(theirs.pods, (text) => (text === 'eth0' ? 'eth1' : text)) }),
  },
];

/** The outcome recorded in another scenario. */
function recordedStep(scenario: string, step: number): Levelled {
  const outcome = recorded(readRecording(scenario)).get(step);
  if (outcome === undefined) throw new Error(`${scenario} has no call at step ${step}`);
  return outcome;
}

/** The same with every text edited, including field names. */
function changeTexts<T>(value: T, edit: (text: string) => string): T {
  const walk = (inner: unknown): unknown => {
    if (typeof inner === 'string') return edit(inner);
    if (Array.isArray(inner)) return inner.map(walk);
    if (typeof inner !== 'object' || inner === null) return inner;
    return Object.fromEntries(Object.entries(inner).map(([key, field]) => [edit(key), walk(field)]));
  };
  return walk(value) as T;
}

/** Lists of versions as VERSION prints them, and as an error's details quote them. */
const addVersion = (text: string) =>
  text.replace('"1.0.0"]', '"1.0.0","1.1.0"]').replace('\\"1.0.0\\"]', '\\"1.0.0\\" \\"1.1.0\\"]');

/** Everything about node1 except the Node resource itself. */
const onNode2 = (text: string) => text.replace(/(host[:/]|"node":")node1|node1(?=-cni)/g, '$1node2');

const failureText = (msg: string) => JSON.stringify({ code: 999, msg }, undefined, 4);
