import { type GoingOn, type KubernetesServer, startServer } from '../../support/kubernetes/fake-server.ts';
import type { Keys } from '../../support/network/tls-keys.ts';
import type { Kind } from './objects.ts';

const REVISION = '987654';

/** An API server whose objects are made when they are asked for. */
export interface LargeServer extends KubernetesServer {
  /** Tells whoever watches the kind of this path last that an object has been added. */
  add(path: string, object: object): void;
}

/**
 * Serves lists page by page as the API server does, and watches. `pages`: the texts of those that have been asked for, of which
 * the next time costs the server nothing.
 */
export async function serveCluster(
  keys: Keys,
  kinds: Readonly<Record<string, Kind>>,
  pages?: Map<string, string>,
): Promise<LargeServer> {
  const watches = new Map<string, GoingOn>();
  const server = await startServer(keys, { style: 'http2' }, ({ path }, respond, _hangUp, _leave, begin) => {
    const { pathname, searchParams } = new URL(path, 'https://localhost');
    const kind = kinds[pathname];
    if (kind === undefined) return respond(404, NOT_FOUND);
    if (searchParams.has('watch')) return void watches.set(pathname, begin());
    const first = Number(searchParams.get('continue') ?? '0');
    const made = pages?.get(path) ?? JSON.stringify(page(kind, first, Number(searchParams.get('limit') ?? kind.count)));
    pages?.set(path, made);
    respond(200, made);
  });
  const add = (path: string, object: object) =>
    watches.get(path)?.send(`${JSON.stringify({ type: 'ADDED', object })}\n`);
  return { ...server, add };
}

const NOT_FOUND = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'NotFound', details: {}, code: 404 };

function page({ count, object }: Kind, first: number, limit: number): object {
  const end = Math.min(count, first + limit);
  const items = Array.from({ length: end - first }, (_, at) => object(first + at));
  const more = end < count ? { continue: String(end), remainingItemCount: count - end } : {};
  return { kind: 'List', apiVersion: 'v1', metadata: { resourceVersion: REVISION, ...more }, items };
}
