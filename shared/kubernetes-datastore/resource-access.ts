import type { LeaveOut } from '../bytes/json.ts';
import type { SeenChange } from '../datastore/datastore.ts';
import type { Entry, ListQuery, Oddity } from '../datastore/query.ts';
import type { Ref } from '../datastore/ref.ts';
import type { ReadEntry } from '../datastore/watch.ts';
import type { Followed } from '../kubernetes/failure.ts';

/** An API object, parsed; integers beyond 2^53 are bigint. */
export type ApiObject = Readonly<Record<string, unknown>>;

/** Describes a request, for messages and for the RBAC rule that would permit it. */
export interface Asked {
  readonly verb: 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete';
  /** API group; '' for core. */
  readonly group: string;
  /** Plural in lower case, with the subresource if any: `pods/status`. */
  readonly resource: string;
  readonly namespace?: string | undefined;
  /** '' for a list. */
  readonly name: string;
}

/** One request to the API server. */
export interface ApiRequest {
  readonly asked: Asked;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** From `/api` or `/apis`, with the query. */
  readonly path: string;
  /** JSON text. */
  readonly body?: string;
  /** The body's type; default application/json. */
  readonly contentType?: string;
  /** The answer's type; default application/json. */
  readonly accept?: string;
  /** A read that may get the answer to an equal one that was sent before and is still under way. */
  readonly joins?: true;
  /** How the answer is followed. */
  readonly follow?: Followed;
}

/** The result of a write: written, lost to another writer (decide again), or refused for good. */
export type Verdict = 'in' | 'lost' | 'refused';

/** One request that writes. */
export interface WriteRequest extends ApiRequest {
  /**
   * Classifies an answer other than 2xx; `message` is the server's. When undefined or missing: 404 and 409 are 'lost', temporary
   * errors (429, 5xx) are retried or unavailable, anything else is refused with the server's message.
   */
  readonly verdict?: (status: number, message: string, details: ApiObject) => Verdict | undefined;
}

/** How a list is read: all requests in parallel, their objects decoded and filtered by `selects`. */
export interface Listing {
  /** Each returns a list, or (for a single object) the object or 404. */
  readonly requests: readonly ApiRequest[];
  /** Entries that exist without a request. */
  readonly entries?: readonly Entry[];
}

/** How the objects of one kind are read and written. Pure: the datastore sends the requests. */
export interface ResourceAccess {
  /** The request for an object; an entry when it is built in; undefined when it cannot exist on the server. */
  get(ref: Ref): ApiRequest | Entry | undefined;
  /**
   * Decodes an object to an entry: `value` is JSON of Calico's model as stored in etcd, `version` its resourceVersion, `at` e.g.
   * `pods/prod/web-0`. Undefined when it counts as missing. After a get, the datastore drops an entry whose ref is not the
   * requested one.
   */
  decode(object: ApiObject): Entry | undefined;
  /** What of a long list's answer is not needed for that. */
  readonly leaveOut?: LeaveOut;
  /** The same for lists that are asked for in brief, and what of the answer is then not needed. */
  readonly brief?: { readonly decode: ResourceAccess['decode']; readonly leaveOut: LeaveOut };
  /** As `decode`, for copies that routes are made from: what of an object they leave out, and what they read of the rest. */
  readonly routed?: { readonly leaveOut: LeaveOut; readonly read: (object: ApiObject) => ReadEntry | undefined };
  /** What is wrong with how an object is stored; undefined when nothing is. */
  readonly oddity?: (object: ApiObject) => Oddity | 'unreadable' | undefined;
  /** The request that finishes another program's deletion; undefined for an object that is not half deleted. */
  readonly finish?: (object: ApiObject) => WriteRequest | undefined;
  list(query: ListQuery): Listing;
  /**
   * The requests of a change, to be sent in order; empty when there is nothing to write. `seen`: the object as last read, even if
   * `decode` returned undefined for it; undefined when missing on the server. Throws a Failure before anything is written when
   * the change can never be stored.
   */
  write(change: SeenChange, seen: ApiObject | undefined): readonly WriteRequest[];
}
