import { platform } from '#platform';
import { closeFile, LOCK_EX_NB, Open, openFile, removeFile, statusOf } from '../system/files.ts';
import { readRootFile, writeRootFile } from '../system/root-file.ts';
import { CALLS, LARGEST } from './call-file.ts';
import { readStored, type Stored, storedText, type Totals, withLines } from './totals.ts';

/** The file set aside when it was last full; calls that had opened it may still be appending. */
const BEFORE = `${CALLS}.before`;
/** What all lines before those add up to. */
const TOTALS = `${CALLS}.totals`;
const LARGEST_TOTALS = 64 << 10;

/**
 * Adds up what was full before, and sets aside what is full now. One process at a time does it, and a kill at any point loses and
 * doubles nothing. What cannot be done now is left to a later call.
 */
export function addUp(): void {
  try {
    const fd = openFile(CALLS, Open.read | Open.noLink | Open.neverWait);
    try {
      if (platform.flock(fd, LOCK_EX_NB) && isStill(fd)) setAside();
    } finally {
      closeFile(fd);
    }
  } catch {
    // The disk refuses, or another process has removed the file.
  }
}

/** Whether no other process has set the file aside since it was opened. */
const isStill = (fd: number): boolean => statusOf(fd)?.identity === statusOf(CALLS)?.identity;

function setAside(): void {
  const before = linesOf(BEFORE);
  if (before !== undefined) {
    const stored = storedNow();
    if (stored.added !== before.identity)
      store({ totals: withLines(stored.totals, before.text), added: before.identity });
    removeFile(BEFORE);
  }
  platform.rename(CALLS, BEFORE);
}

/** A draft is left by a process that was killed. */
function store(stored: Stored): void {
  const draft = `${TOTALS}.new`;
  removeFile(draft);
  writeRootFile(TOTALS, draft, storedText(stored), false);
}

interface Lines {
  readonly identity: string;
  readonly text: string;
}

function linesOf(path: string): Lines | undefined {
  try {
    const { text, status } = readRootFile(path, 2 * LARGEST);
    return { text, identity: status.identity };
  } catch {
    return undefined;
  }
}

function storedNow(): Stored {
  try {
    return readStored(readRootFile(TOTALS, LARGEST_TOTALS).text);
  } catch {
    return readStored('');
  }
}

/** All calls of this node since it was started, as far as they were counted. */
export function readTotals(): Totals {
  for (let tries = 5; ; tries--) {
    const mark = filesNow();
    const stored = storedNow();
    const parts = [linesOf(BEFORE), linesOf(CALLS)].filter((lines) => lines !== undefined);
    const fresh = parts.filter(({ identity }) => identity !== stored.added);
    const totals = fresh.reduce((sum, { text }) => withLines(sum, text), stored.totals);
    // Else they were set aside meanwhile, and counted twice or not at all.
    if (tries === 1 || mark === filesNow()) return totals;
  }
}

const filesNow = (): string => [TOTALS, BEFORE, CALLS].map((path) => statusOf(path)?.identity ?? '').join(' ');
