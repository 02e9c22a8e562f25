/** What has been said of a state that may last. */
export interface Told {
  readonly notes: ReadonlySet<string>;
  readonly problems: readonly string[];
}

export const NOTHING_TOLD: Told = { notes: new Set(), problems: [] };

/** As many are remembered. */
const MOST_NOTES = 100;

/** What is to be said now. */
interface Telling {
  readonly notes: readonly string[];
  readonly problems: readonly string[];
  readonly told: Told;
}

/** Each note is said once; a problem again only after it was gone. The end of all problems is said too. */
export function telling(told: Told, notes: readonly string[], problems: readonly string[]): Telling {
  const isOver = told.problems.length > 0 && problems.length === 0;
  const fresh = [...new Set(notes)].filter((note) => !told.notes.has(note));
  return {
    notes: [...fresh, ...(isOver ? ['all is as it should be again'] : [])],
    problems: problems.filter((problem) => !told.problems.includes(problem)),
    told: { notes: new Set([...told.notes, ...fresh].slice(-MOST_NOTES)), problems },
  };
}
