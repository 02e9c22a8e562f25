/** What switches say where they are no booleans. */
export const enabled = ['Enabled', 'Disabled'] as const;
