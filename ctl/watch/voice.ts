/** Where a long-running process says what it does, and what is wrong. */
export interface Voice {
  say(text: string): void;
  complain(text: string): void;
}
