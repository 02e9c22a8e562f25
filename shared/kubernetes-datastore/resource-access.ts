import type { SeenChange } from '../datastore/datastore.ts';
import type { Entry, ListQuery } from '../datastore/query.ts';
import type { Ref } from '../datastore/ref.ts';

/** An object as the API server has it, parsed; integers beyond 2^53 are bigint. */
export type ApiObject = Readonly<Record<string, unknown>>;

/** What a request is for: for messages, and for the RBAC rule that would permit it. */
export interface Asked {
  readonly verb: 'get' | 'list' | 'create' | 'update' | 'patch' | 'delete';
  /** API group; '' for core. */
  readonly group: string;
  /** Plural in lower case, a subresource with it: `pods/status`. */
  readonly resource: string;
  readonly namespace?: string | undefined;
  /** '' for a list. */
  readonly name: string;
}

/** One request to the API server. */
export interface ApiRequest {
  readonly asked: Asked;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With its query, from `/api` or `/apis` on. */
  readonly path: string;
  /** JSON text. */
  readonly body?: string;
  /** Of the body; application/json when left out. */
  readonly contentType?: string;
  /** Of the answer; application/json when left out. */
  readonly accept?: string;
}

/** What the answer to a write comes to: it is in, another writer was first (decide anew), or it will never be. */
export type Verdict = 'in' | 'lost' | 'refused';

/** One request that writes. */
export interface WriteRequest extends ApiRequest {
  /**
   * Judges an answer other than 2xx; `message` is the server's. Undefined, or no such function: 404 and 409 are 'lost', what
   * may pass (429, 5xx) is tried again or unavailable, anything else is refused in the server's words.
   */
  readonly verdict?: (status: number, message: string, details: ApiObject) => Verdict | undefined;
}

/** How a list is asked for: all requests at once, their objects decoded and filtered by `selects`. */
export interface Listing {
  /** Each answered with a list, or (a GET) with one object or 404. */
  readonly requests: readonly ApiRequest[];
  /** What is there without being asked for. */
  readonly entries?: readonly Entry[];
}

/** How the objects of one kind are read and written. Pure: the datastore sends the requests. */
export interface ResourceAccess {
  /** What to ask for an object; an entry when it is built in; undefined when nothing on the server can be it. */
  get(ref: Ref): ApiRequest | Entry | undefined;
  /**
   * An object answered, as an entry: `value` is JSON of Calico's model as etcd stores it, `version` its resourceVersion, `at`
   * e.g. `pods/prod/web-0`. Undefined when it counts as not being there. Of a get, the datastore drops an entry with another
   * ref than was asked for.
   */
  decode(object: ApiObject): Entry | undefined;
  /** How to end what another has begun to delete; undefined for an object that is not half deleted. */
  readonly finish?: (object: ApiObject) => WriteRequest | undefined;
  list(query: ListQuery): Listing;
  /**
   * The requests of a change, one after the other; none when there is nothing to write. `seen`: the object as read last, also
   * one that `decode` did not take; undefined when the server has none. Throws a Failure before anything is written when the
   * change can never be stored.
   */
  write(change: SeenChange, seen: ApiObject | undefined): readonly WriteRequest[];
}
