/** How a program is run. */
interface ProgramOptions {
  /** The whole environment; this process's own if not given. */
  readonly env?: Readonly<Record<string, string>>;
  /** Its standard input; /dev/null if not given. */
  readonly input?: Uint8Array;
  /** It reads our standard input, and writes to our standard error, so that it can talk to a user. */
  readonly terminal?: boolean;
  /** Milliseconds after which it is killed. */
  readonly timeout: number;
  /** Bytes of output after which it is killed. */
  readonly maxOutput: number;
}

/** How a program ended: its exit status, the signal that killed it, or why it could not be run to its end (`ENOENT`, `ETIMEDOUT`, `ENOBUFS`). */
export interface ProgramEnd {
  readonly status?: number | undefined;
  readonly signal?: string | undefined;
  readonly errno?: string | undefined;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
}

/** A running program. */
export interface Started {
  readonly pid: number;
  /** How it ended; undefined while it runs. */
  status(): { readonly exitCode?: number | undefined; readonly signal?: string | undefined } | undefined;
  /** Does nothing when it has ended. */
  kill(signal: number): void;
}

export interface Programs {
  /** Runs a program until it ends. */
  run(path: string, args: readonly string[], options: ProgramOptions): ProgramEnd;
  /** Starts a program in a session of its own, without input or output. */
  start(path: string, args: readonly string[]): Started;
  kill(pid: number, signal: number): void;
  /**
   * Sends the bytes from a separate process, in a session of its own, which has nothing but `fd` open and takes no signal but
   * SIGKILL. It exits with 0 once send(2) has succeeded.
   */
  sendApart(fd: number, bytes: Uint8Array): Started;
}
