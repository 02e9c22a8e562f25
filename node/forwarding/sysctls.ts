import { failure } from '../../shared/error/failure.ts';
import type { Family } from '../../shared/net/address.ts';
import { errnoName } from '../../shared/system/errno.ts';
import { exists, overwrite, readText } from '../../shared/system/files.ts';

/** What makes a machine forward packets of a family. */
const FORWARDING: Readonly<Record<Family, string>> = { 4: 'net/ipv4/ip_forward', 6: 'net/ipv6/conf/all/forwarding' };

const pathOf = (family: Family): string => `/proc/sys/${FORWARDING[family]}`;

/** Whether this machine has addresses of a family at all. */
export const hasFamily = (family: Family): boolean => exists(pathOf(family));

/** Lets this machine forward packets. Answers a line if it did not. */
export function forwardPackets(family: Family): readonly string[] {
  if (readText(pathOf(family)).trim() !== '0') return [];
  const setting = `${FORWARDING[family].replaceAll('/', '.')}=1`;
  try {
    overwrite(pathOf(family), '1');
  } catch (thrown) {
    throw failure(
      `failed to set ${setting}: ${errnoName(thrown)}`,
      `without it pods reach nothing beyond this machine: sysctl -w ${setting}`,
      thrown,
    );
  }
  return [`set ${setting}`];
}
