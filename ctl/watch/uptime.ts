import { readText } from '../../shared/system/files.ts';

/** Seconds since the machine started, also while it was suspended. */
export const uptimeNow = (): number => Number(/^[\d.]+/.exec(readText('/proc/uptime'))?.[0] ?? 0);
