/** What has been reported of a state that may last. */
export interface Reported {
  readonly notes: ReadonlySet<string>;
  readonly problems: readonly string[];
}

export const NOTHING_REPORTED: Reported = { notes: new Set(), problems: [] };

/** As many are remembered. */
const MOST_NOTES = 100;

/** What is to be reported now. */
interface Report {
  readonly notes: readonly string[];
  readonly problems: readonly string[];
  /** For the next time. */
  readonly reported: Reported;
}

/** Each note is reported once; a problem again only after it was gone. So is the end of all problems. */
export function unreported(before: Reported, notes: readonly string[], problems: readonly string[]): Report {
  const isOver = before.problems.length > 0 && problems.length === 0;
  const fresh = [...new Set(notes)].filter((note) => !before.notes.has(note));
  return {
    notes: [...fresh, ...(isOver ? ['all is as it should be again'] : [])],
    problems: problems.filter((problem) => !before.problems.includes(problem)),
    reported: { notes: new Set([...before.notes, ...fresh].slice(-MOST_NOTES)), problems },
  };
}
