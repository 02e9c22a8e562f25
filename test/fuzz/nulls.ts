/** Fuzzers of null and missing values in etcd, which other writers and older Calico versions leave. */
import { parseJson, stringifyJson } from '../../shared/calico/json.ts';
import { type JsonPath, membersOf, replacedAt } from '../support/inputs/json-paths.ts';
import type { Dump } from '../support/invariants/ipam-dump.ts';
import { COMMANDS, CONF, cluster, environment } from './cluster.ts';
import type { Draw } from './draw.ts';
import { servedCall } from './judge.ts';
import { judgedCall } from './stored-values.ts';

/** Members that have the same meaning null or absent, by a part of their key. `*` stands for every item of a list. */
const OPTIONAL: Readonly<Record<string, readonly string[]>> = {
  '/ippools/': [
    'spec.namespaceSelector',
    'spec.disabled',
    'spec.disableBGPExport',
    'spec.nat-outgoing',
    'spec.ipip',
    'spec.assignmentMode',
    'spec.allowedUses',
    'metadata.deletionTimestamp',
    'metadata.labels',
    'status',
  ],
  '/ipreservations/': ['metadata.labels', 'metadata.annotations', 'status'],
  '/nodes/': ['metadata.annotations', 'metadata.uid', 'spec', 'status'],
  '/clusterinformations/': ['spec.calicoVersion', 'spec.clusterGUID', 'metadata.labels', 'status'],
  '/profiles/': ['metadata.labels', 'spec.rules'],
  '/workloadendpoints/': [
    'metadata.annotations',
    'metadata.generateName',
    'spec.pod',
    'spec.workload',
    'spec.ports',
    'spec.ipNATs',
    'spec.qosControls',
    'spec.serviceAccountName',
    'spec.ipv4Gateway',
    'spec.allowSpoofedSourcePrefixes',
  ],
  '/assignment/': [
    'deleted',
    'hostAffinity',
    'attributes.*.releasedAt',
    'attributes.*.alternateOwnerAttrs',
    'attributes.*.x',
  ],
  '/handle/': ['deleted', 'x'],
  '/host/': ['deleted', 'x'],
  '/v2/config': ['strict_affinity', 'ipCooldownSeconds', 'kubeVirtVMAddressPersistence'],
};

/** Null instead of an absent or empty member changes nothing. */
export async function nulls(draw: Draw): Promise<void> {
  const plain = await cluster();
  const dressed = Object.fromEntries(Object.entries(plain).map(([key, text]) => [key, dressedValue(draw, key, text)]));
  const env = environment(draw.pick([...COMMANDS, 'ADD', 'DEL'] as const), draw.pick(['c1', 'c2', 'c9']));
  const conf = JSON.stringify(draw.once(3) ? { ...CONF, name: 'net2' } : CONF);
  const [one, other] = [await servedCall(env, conf, plain), await servedCall(env, conf, dressed)];
  if (one.status !== other.status || (one.status === 0 && one.stdout !== other.stdout))
    throw new Error(`null makes a difference: ${one.stdout} or ${other.stdout}`);
  const [keys, others] = [one, other].map(({ after }) => Object.keys(after).sort().join('\n'));
  if (keys !== others) throw new Error(`null leaves other keys: ${keys}\nor ${others}`);
}

function dressedValue(draw: Draw, key: string, text: string): string {
  const [, members = []] = Object.entries(OPTIONAL).find(([part]) => key.includes(part)) ?? [];
  let value = parseJson(key, text);
  for (const path of members.flatMap((member) => pathsOf(value, member.split('.'))))
    if (draw.once(2) && isEmpty(at(value, path))) value = replacedAt(value, path, null);
  return stringifyJson(value);
}

function pathsOf(value: unknown, [step, ...rest]: readonly string[], path: JsonPath = []): readonly JsonPath[] {
  if (step === undefined) return [path];
  if (step !== '*') return pathsOf(value, rest, [...path, step]);
  const items = at(value, path);
  return Array.isArray(items) ? items.flatMap((_, index) => pathsOf(value, rest, [...path, index])) : [];
}

const at = (value: unknown, path: JsonPath): unknown =>
  path.reduce<unknown>(
    (found, step) => (found as Readonly<Record<string, unknown>> | undefined)?.[String(step)],
    value,
  );

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === false || value === '' || value === 0 || (Array.isArray(value) && value.length === 0);

const NOTHINGS = [null, null, null, undefined, '', [], {}, [null], { x: null }, 0, false, 'null'] as const;

/** The store with random nulls, missing values and values of another type, and the keys changed in this way. */
export function riddled(draw: Draw, content: Dump): { readonly content: Dump; readonly keys: ReadonlySet<string> } {
  const changed: Record<string, string> = { ...content };
  const keys = new Set(Object.keys(content).filter(() => draw.once(3)));
  for (const key of keys) {
    let value = parseJson(key, content[key] ?? '');
    const members = membersOf(value);
    for (let left = draw.below(4); left >= 0; left--) {
      const path = members[draw.below(members.length)];
      if (path !== undefined && holds(value, path)) value = replacedAt(value, path, draw.pick(NOTHINGS));
    }
    changed[key] = draw.once(20) ? 'null' : stringifyJson(value);
  }
  return { content: changed, keys };
}

/** Whether a place still exists after the earlier changes. */
const holds = (value: unknown, path: JsonPath): boolean => {
  const parent = at(value, path.slice(0, -1));
  return typeof parent === 'object' && parent !== null;
};

/** Values full of null, missing and wrong types: in every verb, valid data stays valid and errors are readable. */
export async function riddles(draw: Draw): Promise<void> {
  const { content, keys } = riddled(draw, await cluster());
  await judgedCall(draw, content, keys);
}
