import type { FailureKind } from './failure.ts';

/** CNI error codes used here: the specification's "Well-known Error Codes" and the two STATUS adds (spec 1.1.0, section 5). */
export const ErrorCode = {
  incompatibleVersion: 1,
  unsupportedField: 2,
  unknownContainer: 3,
  invalidEnvironment: 4,
  io: 5,
  decoding: 6,
  invalidNetworkConfig: 7,
  invalidNetNS: 8,
  tryAgainLater: 11,
  pluginNotAvailable: 50,
  limitedConnectivity: 51,
  /** What the original answers with `-t`. */
  datastoreTest: 100,
  /** Any failure of the plugin's own. */
  internal: 999,
} as const;

/** The code that each kind of failure is printed with. */
export const CODE_OF: Readonly<Record<FailureKind, number>> = {
  'datastore unavailable': ErrorCode.tryAgainLater,
  'datastore full': ErrorCode.tryAgainLater,
  'datastore refuses': ErrorCode.internal,
  'api server unavailable': ErrorCode.tryAgainLater,
  'api server refuses': ErrorCode.internal,
  'tls not accepted': ErrorCode.internal,
  'input or output failed': ErrorCode.io,
};
