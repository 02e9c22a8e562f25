import type { ServerEndpoint } from '../net/endpoint.ts';
import { type GrpcStatus, StatusCode } from './grpc.ts';
import { type Refusal, TryFailed } from './try-failed.ts';

/** What a status other than success says about a failed attempt. */
export interface StatusMeaning {
  readonly kind: TryFailed['kind'];
  readonly refusal?: Refusal;
}

/** Codes whose meaning does not depend on the server. */
const CODES: Readonly<Record<number, StatusMeaning>> = {
  [StatusCode.deadlineExceeded]: { kind: 'timed out' },
  [StatusCode.permissionDenied]: { kind: 'refused', refusal: 'not allowed' },
  [StatusCode.cancelled]: { kind: 'unreachable' },
  [StatusCode.unknown]: { kind: 'unreachable' },
  [StatusCode.aborted]: { kind: 'unreachable' },
  [StatusCode.internal]: { kind: 'unreachable' },
  [StatusCode.unavailable]: { kind: 'unreachable' },
};

/**
 * The failure of a call that was answered with a status other than success. `meaning`: what this server's text adds to the
 * code.
 */
export function statusFailure(endpoint: ServerEndpoint, status: GrpcStatus, meaning?: StatusMeaning): TryFailed {
  const byCode = CODES[status.code] ?? { kind: 'refused' };
  const { kind, refusal } = meaning ?? byCode;
  const reason = status.message || `gRPC status ${status.code}`;
  // A refusal comes before anything is written; any other status may follow a call that was carried out.
  const sent = byCode.kind !== 'refused';
  return new TryFailed(endpoint.text, kind, reason, { answered: true, sent, ...(refusal && { refusal }) });
}
