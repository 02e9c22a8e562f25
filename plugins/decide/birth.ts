import { rfc3339Seconds } from '../../shared/calico/go-time.ts';

/** What only the moment can give: random uids and the time, RFC 3339 in whole seconds. */
export interface Birth {
  readonly uid: string;
  /** For the network's profile, should this be its first ADD. */
  readonly profileUid: string;
  readonly creationTimestamp: string;
}

/** `now`: nanoseconds since 1970; `random`: bytes anew, as many as asked for. */
export const birthAt = (now: bigint, random: (bytes: number) => Uint8Array): Birth => ({
  uid: uuid(random(16)),
  profileUid: uuid(random(16)),
  creationTimestamp: rfc3339Seconds(now),
});

/** A random (version 4) UUID from 16 random bytes. */
function uuid(random: Uint8Array): string {
  const bytes = Buffer.from(random);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
