/** The log settings of a configuration. */
export interface LogConf {
  /** '' when not given: info, but only warnings on a terminal. */
  readonly level: string;
  readonly filePath: string;
  /** Megabytes. */
  readonly fileMaxSize: number;
  /** Days. */
  readonly fileMaxAge: number;
  readonly fileMaxCount: number;
}
