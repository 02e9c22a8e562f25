import type { Queue } from '../../../shared/datastore/in-turn.ts';

/** A host on which no other call runs. */
export const NO_QUEUE: Queue = { take: async () => () => undefined, isTaken: () => false };
