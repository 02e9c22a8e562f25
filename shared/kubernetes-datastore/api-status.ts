import { parseJson } from '../calico/json.ts';
import { asObject } from '../calico/stored.ts';
import type { Reply } from '../kubernetes/failure.ts';
import type { ApiObject } from './resource-access.ts';

/** What an API server says of a request that it does not grant. */
export interface ApiStatus {
  readonly status: number;
  /** In the server's words; '' when it has none. */
  readonly message: string;
  readonly reason: string;
  readonly details: ApiObject;
}

const NOT_FOUND = 404;

export function statusOf({ status, body }: Reply): ApiStatus {
  const fields = bodyOf(body);
  const isStatus = fields?.['kind'] === 'Status';
  const text = (value: unknown) => (isStatus && typeof value === 'string' ? value : '');
  return {
    status,
    message: text(fields?.['message']),
    reason: text(fields?.['reason']),
    details: (isStatus ? asObject(fields['details']) : undefined) ?? {},
  };
}

/** Whether the server has no such kind of object, rather than no such object. */
export function isKindMissing(reply: Reply): boolean {
  return reply.status === NOT_FOUND && statusOf(reply).details['name'] === undefined;
}

function bodyOf(text: string): ApiObject | undefined {
  try {
    return asObject(parseJson('', text));
  } catch {
    return undefined;
  }
}
