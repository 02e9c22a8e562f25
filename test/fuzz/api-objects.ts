/** Fuzzers of the Kubernetes datastore: what the API server holds, and what it answers. */
import { podContent } from '../../plugins/kubernetes/pod-content.ts';
import { parseJson, stringifyJson } from '../../shared/calico/json.ts';
import { readNetConf } from '../../shared/cni/netconf-read.ts';
import { readNamespace, readPod } from '../../shared/kubernetes/objects.ts';
import type { Stored } from '../unit/kubernetes-datastore/fake-objects.ts';
import {
  API_CONF,
  apiCluster,
  noAnswer,
  type Objects,
  podEnvironment,
  podOf,
  podPath,
  type Serve,
  servedByApi,
} from './api-cluster.ts';
import { judgeHeld, judgeWritten } from './api-judge.ts';
import { COMMANDS } from './cluster.ts';
import type { Draw } from './draw.ts';
import { hostileJson, hostileText } from './hostile.ts';
import { answered } from './texts.ts';

type Paths = readonly [string, ...string[]];
const TEXT = JSON.stringify(API_CONF);
const CONTAINERS = ['c1', 'c2', 'c9'] as const;

/** One to three of the server's objects are hostile, in whatever its schemas may let through. */
export async function apiObjects(draw: Draw): Promise<void> {
  const content = new Map(await apiCluster());
  const paths = [...content.keys()] as unknown as Paths;
  const hostile = new Set(Array.from({ length: 1 + draw.below(3) }, () => draw.pick(paths)));
  for (const path of hostile) content.set(path, hostileObject(draw, content.get(path) as Stored));
  const command = draw.pick([...COMMANDS, 'ADD', 'DEL'] as const);
  const container = draw.pick(CONTAINERS);
  const pod = command === 'ADD' ? contentOf(content, container) : undefined;
  const call = await servedByApi(podEnvironment(command, container), TEXT, content, pod === undefined ? {} : { pod });
  judgeWritten(content, call.after);
  if (command === 'ADD' && call.status !== 0) judgeHeld(container, call.after, content, call.stdout);
}

/** Name, uid and resourceVersion are the server's own. */
function hostileObject(draw: Draw, stored: Stored): Stored {
  try {
    const changed = parseJson('', hostileJson(draw, JSON.parse(stringifyJson(stored)))) as Stored;
    const { name, uid, resourceVersion } = stored.metadata;
    return { ...changed, metadata: { ...changed.metadata, name, uid, resourceVersion } };
  } catch {
    return { ...stored, spec: draw.pick([null, [], 'x', 7, {}]) };
  }
}

/** What an ADD takes from its pod and namespace; undefined where it refuses them. */
function contentOf(content: Objects, container: string) {
  const plain = (path: string) => JSON.parse(stringifyJson(content.get(path) ?? {}));
  return answered(() =>
    podContent(
      readNetConf(TEXT),
      podOf(container),
      readPod(plain(podPath(container))),
      readNamespace(plain('/api/v1/namespaces/prod')),
    ),
  );
}

/** One of a call's requests gets a hostile answer, whether or not the server has done what it asked. */
export async function apiAnswers(draw: Draw): Promise<void> {
  const content = await apiCluster();
  const command = draw.pick([...COMMANDS, 'ADD', 'DEL'] as const);
  const container = draw.pick(CONTAINERS);
  const at = draw.below(16);
  let asked = 0;
  const serve: Serve = (_, answer) => {
    if (asked++ !== at) return answer();
    const real = draw.once(2) ? answer() : undefined;
    if (draw.once(6)) throw noAnswer();
    return { status: draw.pick(STATUSES), body: hostileBody(draw, real?.body ?? STATUS) };
  };
  const disturbed = await servedByApi(podEnvironment(command, container), TEXT, content, { serve });
  judgeWritten(content, disturbed.after);
  if (command !== 'ADD' && command !== 'DEL') return;
  // What the runtime does next must leave nothing.
  const { status, stdout, after } = await servedByApi(podEnvironment('DEL', container), TEXT, disturbed.after);
  if (status !== 0) throw new Error(`DEL after ${command} (${disturbed.stdout}): ${stdout}`);
  judgeHeld(
    container,
    after,
    new Map(),
    `after ${command} with a hostile answer to request ${at}: ${disturbed.stdout}`,
  );
}

/** Not 429, and no time to wait: nothing here should take time. */
const STATUSES = [200, 200, 200, 201, 204, 301, 400, 401, 403, 404, 409, 410, 422, 500, 503, 504, 599] as const;
const STATUS =
  '{"kind":"Status","apiVersion":"v1","metadata":{"continue":"x"},"status":"Failure","message":"m","reason":"Conflict","details":{"name":"n","causes":[{"reason":"FieldValueInvalid","message":"x","field":"metadata.uid"}],"retryAfterSeconds":1},"code":409}';
const WATCHED = '{"type":"ADDED","object":{"kind":"IPAMBlock","metadata":{"name":"x"},"spec":{}}}\n';

function hostileBody(draw: Draw, body: string): string {
  const kind = draw.below(8);
  if (kind === 0) return hostileText(draw);
  if (kind === 1) return WATCHED.repeat(1 + draw.below(3));
  if (kind === 2)
    return `{"kind":"List","metadata":{"continue":"again"},"items":[${draw.pick(['', '{}', 'null,1,[]', body])}]}`;
  if (kind === 3 && draw.once(50)) return `{"items":[${'{"metadata":{},"spec":{}},'.repeat(50_000)}{}]}`;
  try {
    return hostileJson(draw, JSON.parse(body));
  } catch {
    return body.slice(0, draw.below(body.length));
  }
}
