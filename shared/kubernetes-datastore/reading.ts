import { type LeaveOut, readJson } from '../bytes/json.ts';
import { asObject } from '../calico/stored.ts';
import { type Entry, type ListQuery, listOrder, selects } from '../datastore/query.ts';
import { CLUSTER_INFORMATION, isSame, type Ref } from '../datastore/ref.ts';
import { Failure } from '../error/failure.ts';
import type { Reply } from '../kubernetes/failure.ts';
import { isKindMissing, statusOf } from './api-status.ts';
import type { Held } from './held.ts';
import type { AccessTo } from './kind-access.ts';
import { MANAGED, metadataText } from './metadata.ts';
import { invalidAnswer, MISSING_KIND, missingText, refusal, wordsOf } from './refusal.ts';
import { withParameters } from './request-parameters.ts';
import type { Requests } from './requests.ts';
import type { ApiObject, ApiRequest, ResourceAccess } from './resource-access.ts';

/** What a read needs: the connection, access to each kind, and the store of objects seen. */
export interface Reading {
  readonly requests: Requests;
  readonly access: AccessTo;
  readonly held: Held;
  /** Called with every answer. */
  readonly heard: (request: ApiRequest, reply: Reply) => void;
}

/** What sending a request needs of it. */
type Asking = Pick<Reading, 'requests' | 'heard'>;

const OK = 200;
const NOT_FOUND = 404;
const EXPIRED = 410;

/** Reads an object; undefined when it does not exist. */
export async function readObject(reading: Reading, ref: Ref, deadline: number): Promise<Entry | undefined> {
  const access = reading.access(ref.kind);
  const wanted = access.get(ref);
  if (wanted !== undefined && 'version' in wanted) return wanted;
  const found = wanted === undefined ? undefined : await objectFor(reading, ref, wanted, deadline);
  const object = found === undefined || (await isEnded(reading, access, found, deadline)) ? undefined : found;
  const entry = object === undefined ? undefined : access.decode(object);
  const own = entry !== undefined && isSame(entry.ref, ref) ? entry : undefined;
  reading.held.set(ref, object === undefined ? undefined : { object, entry: own });
  return own;
}

/** Takes an object's text instead of reading it; undefined when it is not that object as the server has answered it. */
export function takeOver({ access, held }: Reading, ref: Ref, text: string): Entry | undefined {
  const object = objectIn(text);
  const entry = object === undefined ? undefined : readable(() => access(ref.kind).decode(object));
  if (object === undefined || entry === undefined || !isSame(entry.ref, ref)) return undefined;
  if (entry.version === '' || metadataText(object, 'uid') === '') return undefined;
  held.set(ref, { object, entry });
  return entry;
}

/** Finishes another program's deletion, and returns whether the object is gone. Without permission to delete, it stays; it counts as missing anyway. */
async function isEnded(
  { requests }: Reading,
  access: ResourceAccess,
  object: ApiObject,
  deadline: number,
): Promise<boolean> {
  const finish = access.finish?.(object);
  if (finish === undefined) return false;
  const { status } = await requests.send(finish, deadline);
  return status === OK || status === NOT_FOUND;
}

async function objectFor(
  reading: Reading,
  ref: Ref,
  request: ApiRequest,
  deadline: number,
): Promise<ApiObject | undefined> {
  const reply = await ask(reading, request, deadline);
  if (reply.status !== NOT_FOUND) return parse(reading, request, reply);
  if (isSame(ref, CLUSTER_INFORMATION) && isKindMissing(reply)) throw noCalico(reading, request, reply);
  return undefined;
}

/** The objects of a list, in `listOrder`. A kind that the server does not have gives an empty list (as Calico). */
export async function readList(reading: Reading, query: ListQuery, deadline: number): Promise<readonly Entry[]> {
  const access = reading.access(query.all);
  const { requests, entries = [] } = access.list(query);
  const objects = await Promise.all(requests.map((request) => readAll(reading, request, deadline)));
  return [...entries, ...keep(reading, access, objects.flat())]
    .filter(({ ref }) => selects(query, ref))
    .sort((one, other) => listOrder(one.ref, other.ref));
}

/** The objects of a list, page by page where the request has a limit. */
export async function readAll(reading: Asking, request: ApiRequest, deadline: number): Promise<readonly ApiObject[]> {
  const all: (readonly ApiObject[])[] = [];
  for (let next = ''; ; ) {
    const page = await readPage(reading, withParameters(request, { continue: next }), deadline);
    all.push(page.objects);
    if (page.next === '') return all.flat();
    next = page.next;
  }
}

/** Decodes objects to entries; those that cannot be read are skipped (as Calico). */
export function keep({ held }: Reading, access: ResourceAccess, objects: readonly ApiObject[]): readonly Entry[] {
  return objects.flatMap((object) => {
    const entry = readable(() => access.decode(object));
    if (entry === undefined) return [];
    held.set(entry.ref, { object, entry });
    return [entry];
  });
}

/** What is read of an object; undefined when it cannot be. */
export function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** An answer's objects, and where the list continues; '' at its end. */
export interface Page {
  readonly objects: readonly ApiObject[];
  readonly next: string;
  /** The list's resourceVersion; '' when there is no list. */
  readonly version: string;
}

/** The objects of a list, or the single object requested. */
export async function readPage(
  reading: Asking,
  request: ApiRequest,
  deadline: number,
  leaveOut = NOT_NEEDED,
): Promise<Page> {
  const reply = await ask(reading, request, deadline);
  if (reply.status === NOT_FOUND) return { objects: [], next: '', version: '' };
  const answer = parse(reading, request, reply, leaveOut);
  const [next, version] = [listText(answer, 'continue'), listText(answer, 'resourceVersion')];
  if (reply.status === EXPIRED) return { objects: [], next, version };
  const items = answer['items'];
  if (!Array.isArray(items)) return { objects: 'items' in answer ? [] : [answer], next: '', version };
  if (next !== '' && request.path.endsWith(`continue=${encodeURIComponent(next)}`)) throw endless(reading, request);
  return { objects: items.map(asObject).filter((item) => item !== undefined), next, version };
}

/** A text in a list's metadata, '' when missing. */
function listText(answer: ApiObject, field: 'continue' | 'resourceVersion'): string {
  const text = asObject(answer['metadata'])?.[field];
  return typeof text === 'string' ? text : '';
}

/** A page that the server no longer has as it was: it says where the list goes on as it is now. */
function isContinued(reply: Reply): boolean {
  const said = reply.status === EXPIRED ? objectIn(reply.body) : undefined;
  return said !== undefined && listText(said, 'continue') !== '';
}

/** Sends a request. Throws for every status other than 200 and 404. */
async function ask({ requests, heard }: Asking, request: ApiRequest, deadline: number): Promise<Reply> {
  const reply = await requests.send(request, deadline);
  heard(request, reply);
  if (reply.status !== OK && reply.status !== NOT_FOUND && !isContinued(reply))
    throw refusal(request.asked, requests.server(), reply);
  return reply;
}

const NOT_NEEDED: LeaveOut = { ...MANAGED, items: MANAGED };

/** Parses an answer. Incomplete JSON must not be taken for an object. */
export function parse(
  { requests }: Pick<Reading, 'requests'>,
  { asked }: ApiRequest,
  { body }: Reply,
  leaveOut = NOT_NEEDED,
): ApiObject {
  const object = objectIn(body, leaveOut);
  if (object !== undefined) return object;
  throw invalidAnswer(asked, requests.server());
}

/** The JSON object of a text; undefined when the text is anything else. */
export function objectIn(text: string, leaveOut?: LeaveOut): ApiObject | undefined {
  try {
    return asObject(readJson(text, leaveOut));
  } catch {
    return undefined;
  }
}

/** A list whose pages lead nowhere would be read until the deadline. */
const endless = ({ requests }: Asking, { asked }: ApiRequest): Error =>
  invalidAnswer(asked, requests.server(), 'the list continues where it has just continued');

function noCalico({ requests }: Reading, { asked }: ApiRequest, reply: Reply): Failure {
  const said = missingText({ ...asked, resource: 'ClusterInformations' });
  const where = `${requests.server()}: ${wordsOf(asked)} (404): ${statusOf(reply).message || 'not found'}`;
  return new Failure('datastore refuses', `resource does not exist: ClusterInformation(default) with error: ${said}`, {
    where,
    remedy: MISSING_KIND,
  });
}
