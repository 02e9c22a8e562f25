import { parseJson, stringifyJson } from '../../../shared/calico/json.ts';
import type { Question, Reply } from '../../../shared/kubernetes/failure.ts';

export type Json = Record<string, unknown>;
export type Stored = Json & { metadata: Json };

/** The objects of an API server, with resourceVersions, uids, preconditions, label selectors and pages. */
export class FakeObjects {
  readonly all = new Map<string, Stored>();
  #version = 100;

  put(path: string, object: Json, uid: unknown = `uid-${this.#version}`): Stored {
    this.#version++;
    const metadata = { ...(object['metadata'] as Json), resourceVersion: String(this.#version), uid };
    const stored = { ...object, metadata };
    this.all.set(path, stored);
    return stored;
  }

  /** `kinds`: the collections that exist, e.g. `/apis/crd.projectcalico.org/v1/ipamblocks`. */
  answer(kinds: readonly string[], { method = 'GET', path: url, body, accept = '' }: Question): Reply {
    const [path = '', query] = url.split('?');
    const kind = kinds.find((each) => path === each || path.startsWith(`${each}/`));
    if (kind === undefined) return { status: 404, body: '404 page not found\n' };
    const sent = body === undefined ? {} : (parseJson('', body) as Json);
    if (method === 'POST') return this.create(kind, sent);
    if (method === 'PATCH') return this.patchStatus(path.replace(/\/status$/, ''), sent);
    if (path !== kind) return this.serve(method, path, sent);
    return this.list(kind, new URLSearchParams(query), accept.includes('PartialObjectMetadata'));
  }

  create(kind: string, object: Json): Reply {
    const name = String((object['metadata'] as Json)['name']);
    const path = `${kind}/${name}`;
    return this.all.has(path) ? failed(409, 'AlreadyExists', name) : answer(201, this.put(path, object));
  }

  /** A request for one object. */
  serve(method: string, path: string, body: Json): Reply {
    const found = this.all.get(path);
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (found === undefined) return failed(404, 'NotFound', name);
    if (method === 'GET') return answer(200, found);
    const { uid } = found.metadata;
    if (!isFor(body, method, found.metadata)) return failed(409, 'Conflict', name);
    if (method === 'PUT') return answer(200, this.put(path, body, uid));
    this.all.delete(path);
    return answer(200, { kind: 'Status', status: 'Success' });
  }

  /** Changes a pod's annotations. */
  patchStatus(path: string, { metadata }: Json): Reply {
    const found = this.all.get(path);
    const { uid, resourceVersion, annotations } = (metadata ?? {}) as Json;
    if (found === undefined) return failed(404, 'NotFound', path);
    const { uid: itsUid, resourceVersion: its } = found.metadata;
    if (uid !== undefined && uid !== itsUid) return failed(422, 'Invalid', path);
    if (resourceVersion !== undefined && resourceVersion !== its) return failed(409, 'Conflict', path);
    const merged = { ...(found.metadata['annotations'] as Json), ...(annotations as Json) };
    return answer(200, this.put(path, { ...found, metadata: { ...found.metadata, annotations: merged } }, itsUid));
  }

  list(kind: string, query: URLSearchParams, areNames: boolean): Reply {
    const terms = (query.get('labelSelector') ?? '').split(/,(?![^(]*\))/).filter((term) => term !== '');
    const all = [...this.all].filter(([path]) => path.startsWith(`${kind}/`)).sort(([a], [b]) => (a < b ? -1 : 1));
    const selected = all.map(([, object]) => object).filter((object) => terms.every((term) => hasLabel(object, term)));
    const from = Number(query.get('continue') ?? 0);
    const to = from + Number(query.get('limit') ?? selected.length);
    const items = selected.slice(from, to).map((object) => (areNames ? { metadata: object.metadata } : object));
    const resourceVersion = query.get('resourceVersion') ?? String(this.#version);
    const metadata = { resourceVersion, ...(to < selected.length ? { continue: String(to) } : {}) };
    return answer(200, { kind: 'List', metadata, items });
  }
}

function hasLabel({ metadata }: Stored, term: string): boolean {
  const labels = (metadata['labels'] ?? {}) as Json;
  const [, unlike = '', values] = /^(\S+) notin \((.*)\)$/.exec(term) ?? [];
  if (values !== undefined) return !values.split(',').includes(String(labels[unlike]));
  const [label = '', value] = term.split('=');
  return labels[label] === value;
}

/** Whether a write's preconditions match the object. */
function isFor(body: Json, method: string, { uid, resourceVersion }: Json): boolean {
  const wanted = (method === 'PUT' ? body['metadata'] : body['preconditions']) as Json;
  return wanted['resourceVersion'] === resourceVersion && (method === 'PUT' || wanted['uid'] === uid);
}

const answer = (status: number, object: Json): Reply => ({ status, body: stringifyJson(object) });

const failed = (status: number, reason: string, name: string): Reply =>
  answer(status, { kind: 'Status', reason, code: status, message: `${name}: ${reason}`, details: { name } });
