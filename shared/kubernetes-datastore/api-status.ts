import { parseJson } from '../calico/json.ts';
import { asObject } from '../calico/stored.ts';
import type { Reply } from '../kubernetes/failure.ts';
import type { ApiObject } from './resource-access.ts';

/** The Status object with which an API server refuses a request. */
export interface ApiStatus {
  readonly status: number;
  /** The server's message; '' when it has none. */
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

/** Whether a 404 is about the kind and not about the object. */
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
