/** What CNI_COMMAND may ask for with a configuration. */
export const VERBS: readonly string[] = ['ADD', 'DEL', 'CHECK', 'STATUS', 'GC'];
