/** The values of switches that are not booleans. */
export const enabled = ['Enabled', 'Disabled'] as const;
