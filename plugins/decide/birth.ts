import { hex } from '../../shared/bytes/text.ts';
import { rfc3339Seconds } from '../../shared/calico/go-time.ts';

/** Random uids and the creation time (RFC 3339, whole seconds) of new objects. */
export interface Birth {
  readonly uid: string;
  /** For the network's profile, if this is its first ADD. */
  readonly profileUid: string;
  readonly creationTimestamp: string;
}

/** `now`: nanoseconds since 1970; `random`: returns that many random bytes. */
export const birthAt = (now: bigint, random: (bytes: number) => Uint8Array): Birth => ({
  uid: uuid(random(16)),
  profileUid: uuid(random(16)),
  creationTimestamp: rfc3339Seconds(now),
});

/** A random (version 4) UUID from 16 random bytes. */
function uuid(random: Uint8Array): string {
  const bytes = random.slice();
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const digits = hex(bytes);
  const cut = [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)];
  return cut.join('-');
}
