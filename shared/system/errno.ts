/** The name of the errno that a system call failed with, such as `ENOENT`; undefined for other errors. */
export function errnoName(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;
}

/** Why a system call failed, in the kernel's words: `no such file or directory` of `ENOENT: no such file or directory, open '/x'`. */
export function errnoText(thrown: unknown): string {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return /^E\w+: (.+?)(?:, \w+.*)?$/.exec(message)?.[1] ?? message;
}
