/** A plugin's access to its process and surroundings. Passed in, so that every rule can be tested with a map and two buffers. */
export interface World {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Arguments after the executable's own name. */
  readonly argv: readonly string[];
  /** All of standard input, however slowly it arrives; '' when it is closed. */
  stdin(): string;
  /** The same as it is; what is not UTF-8 has been replaced in the text. */
  stdinBytes(): Uint8Array;
  stdout(text: string): void;
  stderr(text: string): void;
  /** Whether standard error is a terminal; absent: it is not. */
  readonly stderrIsTerminal?: () => boolean;
  /** Wall clock, nanoseconds since 1970. */
  now(): bigint;
  /** Milliseconds since the process began, for deadlines and the log. */
  elapsed(): number;
  random(bytes: number): Uint8Array;
}
