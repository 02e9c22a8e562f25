/** Wrong usage: status 2. */
export class UsageError extends Error {}
