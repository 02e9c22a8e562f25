import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from '../host/host.ts';
import { AUDIT_LOG } from './api-server.ts';

/** One request of the plugin's user as the API server answered it. */
export interface Request {
  /** get, list, create, update, patch, delete … */
  readonly verb: string;
  /** e.g. ipamblocks, pods/status; the path if it is not a resource. */
  readonly resource: string;
  readonly name: string;
  readonly code: number;
  readonly uri: string;
  /** Milliseconds since 1970 at which it came, and at which it was answered. */
  readonly begin: number;
  readonly end: number;
}

interface Line {
  readonly verb: string;
  readonly requestURI: string;
  readonly objectRef?: { readonly resource?: string; readonly subresource?: string; readonly name?: string };
  readonly responseStatus?: { readonly code?: number };
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
}

const millis = (time: string): number => Date.parse(`${time.slice(0, 19)}Z`) + Number(`0${time.slice(19, -1)}`) * 1000;

function requestOf({ verb, requestURI: uri, objectRef = {}, responseStatus = {}, ...times }: Line): Request {
  const { resource, subresource, name = '' } = objectRef;
  return {
    verb,
    resource: resource === undefined ? uri : `${resource}${subresource === undefined ? '' : `/${subresource}`}`,
    name,
    code: responseStatus.code ?? 0,
    uri,
    begin: millis(times.requestReceivedTimestamp),
    end: millis(times.stageTimestamp),
  };
}

/** Runs some work and returns the requests of the plugin's user during it, in order of arrival. */
export async function askedDuring<T>(
  host: Host,
  work: () => Promise<T>,
): Promise<{ result: T; requests: readonly Request[] }> {
  const before = (await quiet(host)).length;
  const result = await work();
  const text = (await quiet(host)).slice(before);
  const lines = text.split('\n').filter((line) => line !== '');
  const requests = lines.map((line) => requestOf(JSON.parse(line))).sort((one, other) => one.begin - other.begin);
  return { result, requests };
}

/** How many requests the plugin's user has made so far. */
export const countRequests = async (host: Host): Promise<number> => (await quiet(host)).split('\n').length - 1;

/** The log, once it has stopped growing: a request is logged only after its answer has been sent. */
async function quiet(host: Host): Promise<string> {
  const file = host.file(AUDIT_LOG);
  const read = () => (existsSync(file) ? readFileSync(file, 'utf8') : '');
  for (let text = read(); ; ) {
    await sleep(150);
    const now = read();
    if (now === text) return now;
    text = now;
  }
}

/**
 * The number of rounds: the longest chain of requests in which each came `gap` milliseconds after the answer to the one before.
 * It needs a relay that delays everything by more than `gap`.
 */
export function roundsOf(requests: readonly Request[], gap: number): number {
  const lengths: number[] = [];
  for (const { begin } of requests) {
    const before = requests
      .slice(0, lengths.length)
      .map(({ end }, at) => (end + gap <= begin ? (lengths[at] ?? 0) : 0));
    lengths.push(1 + Math.max(0, ...before));
  }
  return Math.max(0, ...lengths);
}

/** Requests as tests name them: `update ipamblocks`, with the answer's status if it failed. */
export const namesOf = (requests: readonly Request[]): readonly string[] =>
  requests.map(({ verb, resource, code }) => `${verb} ${resource}${code < 300 ? '' : ` ${code}`}`);
