/** Tells progress, on stderr: stdout belongs to the command's answer. */
export function say(line: string): void {
  console.error(line);
}
