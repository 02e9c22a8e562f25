/** Prints progress to stderr, because stdout belongs to the command's result. */
export function say(line: string): void {
  console.error(line);
}
