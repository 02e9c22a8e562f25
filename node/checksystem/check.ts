/** The result of looking at one thing of a machine. `failed`: pods or their routes cannot work here. */
export type CheckState = 'ok' | 'warning' | 'failed' | 'unknown';

/** One thing that `calicoctl node run` needs of a machine, or that gets in its way. */
export interface Check {
  readonly section: string;
  readonly name: string;
  readonly state: CheckState;
  readonly found: string;
  /** What to do; absent when all is well. */
  readonly remedy?: string;
}

/** What was found is as it should be. */
export const fine = (section: string, name: string, found: string): Check => ({ section, name, state: 'ok', found });
