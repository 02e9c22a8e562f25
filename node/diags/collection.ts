import { redacted, without } from './redact.ts';

/** A text of the archive. */
interface Part {
  readonly name: string;
  readonly text: string;
}

/** Limits of an archive, in characters. */
export interface ArchiveLimits {
  readonly part: number;
  readonly total: number;
}

/** What has been collected so far. Secrets of one text are removed from all, so nothing is final before the end. */
export interface Diagnostics {
  /** Adds a text under a name; the end of it if it is too long. */
  add(name: string, text: string): void;
  /** Notes what is not in the archive, and why. */
  leaveOut(name: string, why: string): void;
  /** Learns the secrets in a text that is not collected. */
  learn(text: string): void;
  /** Everything, without secrets, with a summary first. */
  parts(heading: string): readonly Part[];
}

export function collectionOf({ part, total }: ArchiveLimits): Diagnostics {
  const parts: Part[] = [];
  const secrets = new Set<string>();
  const missing: string[] = [];
  let size = 0;
  const leaveOut = (name: string, why: string) => void missing.push(`${name}: ${why}`);
  const cleaned = (text: string): string => {
    const { text: left, secrets: found } = redacted(text);
    for (const secret of found) secrets.add(secret);
    return left;
  };
  return {
    leaveOut,
    learn: (text) => void cleaned(text),
    add: (name, text) => {
      if (size >= total) return leaveOut(name, 'the archive is large enough');
      const shortened =
        text.length > part ? `… ${text.length - part} characters before this\n${text.slice(-part)}` : text;
      size += shortened.length;
      parts.push({ name, text: cleaned(shortened) });
    },
    parts: (heading) => {
      const known = [...secrets];
      const lines = missing.map((line) => `  ${line}\n`);
      const list = lines.length === 0 ? '' : `Not collected:\n${lines.join('')}`;
      return [{ name: 'summary', text: `${heading}${list}` }, ...parts].map(({ name, text }) => ({
        name,
        text: without(known, text),
      }));
    },
  };
}
