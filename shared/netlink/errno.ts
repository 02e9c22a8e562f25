/** The kernel's errors for rtnetlink requests, as Go prints them (Calico's messages end with them). */
const TEXTS: Readonly<Record<number, string>> = {
  1: 'operation not permitted',
  2: 'no such file or directory',
  3: 'no such process',
  11: 'resource temporarily unavailable',
  12: 'cannot allocate memory',
  13: 'permission denied',
  16: 'device or resource busy',
  17: 'file exists',
  19: 'no such device',
  22: 'invalid argument',
  23: 'too many open files in system',
  24: 'too many open files',
  28: 'no space left on device',
  34: 'numerical result out of range',
  93: 'protocol not supported',
  95: 'operation not supported',
  97: 'address family not supported by protocol',
  99: 'cannot assign requested address',
  100: 'network is down',
  101: 'network is unreachable',
  105: 'no buffer space available',
  113: 'no route to host',
};

/** Numbers that callers distinguish. */
export const Errno = {
  notPermitted: 1,
  noEntry: 2,
  noProcess: 3,
  again: 11,
  exists: 17,
  noDevice: 19,
  noProtocol: 93,
  notSupported: 95,
  noBuffers: 105,
} as const;

/** The errno of a failed system call; 0 for any other error. */
export const errnoOf = (thrown: unknown): number =>
  thrown instanceof Error && 'errno' in thrown && typeof thrown.errno === 'number' ? Math.abs(thrown.errno) : 0;

/** The text of an errno. */
export const refusalText = (errno: number): string => TEXTS[errno] ?? `errno ${errno}`;
