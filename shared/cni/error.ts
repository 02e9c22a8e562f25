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

/** A failure as the runtime sees it: `msg` says what failed, `details` where and what to do about it. */
export class CniError extends Error {
  readonly code: number;
  readonly details: string | undefined;

  constructor(code: number, msg: string, details?: string, cause?: unknown) {
    super(msg, cause === undefined ? undefined : { cause });
    this.name = 'CniError';
    this.code = code;
    this.details = details;
  }
}

/** A failure of this plugin's own: code 999. */
export function failure(msg: string, details?: string, cause?: unknown): CniError {
  return new CniError(ErrorCode.internal, msg, details, cause);
}

/** The only door from thrown things to CNI errors. */
export function toCniError(thrown: unknown): CniError {
  if (thrown instanceof CniError) return thrown;
  if (thrown instanceof Error) return failure(thrown.message, undefined, thrown);
  return failure(String(thrown));
}
