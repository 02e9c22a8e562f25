/** The arguments of a command. Options have their long name, e.g. `dry-run`. */
export interface Args {
  readonly operands: readonly string[];
  /** Whether a switch is set. */
  flag(name: string): boolean;
  /** An option's value. */
  text(name: string): string | undefined;
  /** Every value of an option that repeats. */
  texts(name: string): readonly string[];
}
