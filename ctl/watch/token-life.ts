import { fromBase64 } from '../../shared/bytes/text.ts';

/** What a service account's token says of itself, in seconds since 1970 by the API server's clock. */
export interface TokenLife {
  /** `system:serviceaccount:NAMESPACE:NAME` */
  readonly subject: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** Reads a token; undefined for one that does not expire, or is none of Kubernetes'. Its signature is the server's to check. */
export function tokenLife(token: string): TokenLife | undefined {
  const [, payload = ''] = token.split('.');
  try {
    const { sub, iat, exp } = JSON.parse(fromBase64(payload)) as Readonly<Record<string, unknown>>;
    if (typeof sub !== 'string' || typeof iat !== 'number' || typeof exp !== 'number' || exp <= iat) return undefined;
    return { subject: sub, issuedAt: iat, expiresAt: exp };
  } catch {
    return undefined;
  }
}

/** The token in a kubeconfig of one user, as Calico's programs write them; '' for none. */
export const tokenInKubeconfig = (text: string): string =>
  /^[ \t]*token:[ \t]*["']?([\w.~+/=-]+)["']?[ \t]*$/m.exec(text)?.[1] ?? '';

/** Both clocks, in seconds: since 1970, which may be set to anything at any time, and since the machine started. */
export interface Moment {
  readonly wall: number;
  readonly uptime: number;
}

/** A token in use. */
export interface HeldToken {
  readonly life: TokenLife;
  /** Uptime when it was received, or first seen. */
  readonly since: number;
  /** Whether it was issued at `since`: then the node's wall clock need not be trusted. */
  readonly isNew: boolean;
  /** 0 to 1: how much before its half-life it is renewed, so that a cluster's nodes do not all ask at once. */
  readonly early: number;
}

/** The largest part of the half-life by which a renewal is early. */
const EARLIEST = 0.1;

/** Whether half of a token's life is over. */
export function isRenewalDue({ life, since, isNew, early }: HeldToken, { wall, uptime }: Moment): boolean {
  const half = ((life.expiresAt - life.issuedAt) / 2) * (1 - EARLIEST * early);
  return uptime - since >= half || (!isNew && wall >= life.issuedAt + half);
}

/** Whether the API server refuses a token by now, as far as the node can tell. */
export function isExpired({ life, since, isNew }: HeldToken, { wall, uptime }: Moment): boolean {
  return isNew ? uptime - since >= life.expiresAt - life.issuedAt : wall >= life.expiresAt;
}
