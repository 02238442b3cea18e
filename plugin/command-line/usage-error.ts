/** A command line that can't be run. */
export class UsageError extends Error {}
