/** What of the process's surroundings a plugin may see: handed in, so that every rule can be tested with a map and two buffers. */
export interface World {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Arguments after the executable's own name. */
  readonly argv: readonly string[];
  /** The whole of standard input, however slowly it comes; '' when it is closed. */
  stdin(): string;
  stdout(text: string): void;
  stderr(text: string): void;
  /** Whether somebody reads standard error as it comes; absent where nobody does. */
  readonly stderrIsTerminal?: () => boolean;
  /** Wall clock, nanoseconds since 1970. */
  now(): bigint;
  /** Milliseconds since the process began, for deadlines and the log. */
  elapsed(): number;
  random(bytes: number): Uint8Array;
}
