import { parseJson, stringifyJson } from '../../../shared/calico/json.ts';
import type { Question, Reply } from '../../../shared/kubernetes/failure.ts';
import { unreachable } from '../../../shared/kubernetes/failure.ts';
import type { Line } from '../../../shared/kubernetes/line.ts';

type Json = Record<string, unknown>;
type Stored = Json & { metadata: Json };

/** An API server in memory, as much of it as the datastore asks for: resourceVersions, preconditions, label selectors, pages. */
export interface FakeApi {
  readonly line: Line;
  /** `METHOD path`, those that went out at once in one list. */
  readonly rounds: string[][];
  /** What answers instead of the server, the first time that a request matches. */
  disturb(matches: RegExp, reply: Reply | 'no answer' | 'not reached' | (() => void)): void;
  put(path: string, object: Json): void;
  get(path: string): Stored | undefined;
  paths(): readonly string[];
}

/** `kinds`: the collections that exist, e.g. `/apis/crd.projectcalico.org/v1/ipamblocks`. */
export function openFakeApi(kinds: readonly string[]): FakeApi {
  const objects = new Map<string, Stored>();
  const disturbances: { readonly matches: RegExp; readonly reply: Parameters<FakeApi['disturb']>[1] }[] = [];
  const rounds: string[][] = [];
  let version = 100;
  let open: string[] | undefined;
  const store = (path: string, object: Json, uid: unknown): Stored => {
    version++;
    const metadata = { ...(object['metadata'] as Json), resourceVersion: String(version), uid };
    const stored = { ...object, metadata };
    objects.set(path, stored);
    return stored;
  };
  const serve = (method: string, url: string, body: Json, accept: string): Reply => {
    const [path = '', query = ''] = url.split('?');
    const kind = kinds.find((each) => path === each || path.startsWith(`${each}/`));
    if (kind === undefined) return { status: 404, body: '404 page not found\n' };
    if (method === 'GET' && path === kind) return list(kind, new URLSearchParams(query), accept);
    const name = method === 'POST' ? String((body['metadata'] as Json)['name']) : path.slice(kind.length + 1);
    const at = `${kind}/${name}`;
    const found = objects.get(at);
    const failed = (status: number, reason: string) => status_(status, reason, name);
    if (method === 'POST' && found !== undefined) return failed(409, 'AlreadyExists');
    if (method === 'POST') return answer(201, store(at, body, `uid-${version}`));
    if (found === undefined) return failed(404, 'NotFound');
    if (method === 'GET') return answer(200, found);
    return isFor(body, method, found.metadata) ? change(method, at, body, found) : failed(409, 'Conflict');
  };
  const change = (method: string, at: string, body: Json, { metadata }: Stored): Reply => {
    if (method === 'PUT') return answer(200, store(at, body, metadata['uid']));
    objects.delete(at);
    return answer(200, { kind: 'Status', status: 'Success' });
  };
  const list = (kind: string, query: URLSearchParams, accept: string): Reply => {
    const selectors = (query.get('labelSelector') ?? '').split(',').filter((term) => term !== '');
    const all = [...objects].filter(([path]) => path.startsWith(`${kind}/`)).sort(([a], [b]) => (a < b ? -1 : 1));
    const selected = all
      .map(([, object]) => object)
      .filter(({ metadata }) => {
        const labels = (metadata['labels'] ?? {}) as Json;
        return selectors.every((term) => labels[term.split('=')[0] ?? ''] === term.split('=')[1]);
      });
    const from = Number(query.get('continue') ?? 0);
    const limit = Number(query.get('limit') ?? selected.length);
    const items = selected.slice(from, from + limit);
    const next = from + limit < selected.length ? { continue: String(from + limit) } : {};
    const shown = accept.includes('PartialObjectMetadata') ? items.map(({ metadata }) => ({ metadata })) : items;
    return answer(200, { kind: 'List', metadata: next, items: shown });
  };
  return {
    rounds,
    disturb: (matches, reply) => disturbances.push({ matches, reply }),
    put: (path, object) => store(path, object, `uid-${version}`),
    get: (path) => objects.get(path),
    paths: () => [...objects.keys()],
    line: {
      begin: () => undefined,
      opened: async () => undefined,
      access: () => undefined,
      close: () => undefined,
      async ask({ method = 'GET', path, body, accept = '' }: Question) {
        const words = `${method} ${path}`;
        if (open === undefined) {
          open = [];
          rounds.push(open);
        }
        open.push(words);
        await new Promise((resolve) => setTimeout(resolve, 1));
        open = undefined;
        const at = disturbances.findIndex(({ matches }) => matches.test(words));
        const [disturbance] = at === -1 ? [] : disturbances.splice(at, 1);
        const instead = disturbance?.reply;
        if (typeof instead === 'object') return instead;
        if (typeof instead === 'function') instead();
        if (instead === 'not reached') throw unreachable(SERVER, 'connect ECONNREFUSED');
        const reply = serve(method, path, body === undefined ? {} : (parseJson('', body) as Json), accept);
        if (instead === 'no answer') throw unreachable(SERVER, 'the connection broke', '', { sent: true });
        return reply;
      },
    },
  };
}

/** Whether a write is for the object as it is. */
function isFor(body: Json, method: string, { uid, resourceVersion }: Json): boolean {
  const wanted = (method === 'PUT' ? body['metadata'] : body['preconditions']) as Json;
  return wanted['resourceVersion'] === resourceVersion && (method === 'PUT' || wanted['uid'] === uid);
}

const SERVER = new URL('https://10.96.0.1:443');

const answer = (status: number, object: Json): Reply => ({ status, body: stringifyJson(object) });

const status_ = (status: number, reason: string, name: string): Reply =>
  answer(status, {
    kind: 'Status',
    status: 'Failure',
    reason,
    code: status,
    message: `${name}: ${reason}`,
    details: { name },
  });
