/** A command line that makes no sense: status 2. */
export class UsageError extends Error {}
