/** Prints progress to stderr, because stdout belongs to the command's result. */
export function say(line: string): void {
  console.error(line);
}

/** The message of what was thrown. */
export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
