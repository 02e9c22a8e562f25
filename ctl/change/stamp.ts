import type { World } from '../../shared/system/world.ts';
import type { Stamp } from './metadata.ts';

/** The time, and random UUIDs (version 4, RFC 9562). */
export const stampOf = (world: World): Stamp => ({ now: world.now(), uid: () => uuid(world.random(16)) });

function uuid(random: Uint8Array): string {
  const bytes = [...random];
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
