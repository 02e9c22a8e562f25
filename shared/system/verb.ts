/** The values of CNI_COMMAND that need a configuration. */
export const VERBS: readonly string[] = ['ADD', 'DEL', 'CHECK', 'STATUS', 'GC'];
