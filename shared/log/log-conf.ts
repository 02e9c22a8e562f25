/** What a configuration says about the log. */
export interface LogConf {
  /** '' where none is given: info, but warnings alone on a terminal. */
  readonly level: string;
  readonly filePath: string;
  /** Megabytes. */
  readonly fileMaxSize: number;
  /** Days. */
  readonly fileMaxAge: number;
  readonly fileMaxCount: number;
}
