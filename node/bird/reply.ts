/** What BIRD answers to a command on its control socket. */
export interface BirdReply {
  /** `BIRD 2.0.12 ready.` */
  readonly greeting: string;
  /** Of the last line: below 1000 it is done, from 8000 on it failed. */
  readonly code: number;
  /** The lines' texts, without their codes. */
  readonly lines: readonly string[];
}

const GREETING = '0001';
const CODE_LENGTH = 4;

/** Whether a reply may end here: with a whole line that has a code and a blank. Much cheaper than to read it. */
export const mayEnd = (text: string): boolean =>
  text.endsWith('\n') && /^\d{4} /.test(text.slice(text.lastIndexOf('\n', text.length - 2) + 1));

/**
 * The reply in what has come so far, undefined while more is due. Each line has a code and `-`, the last one a blank instead; a
 * line that begins with a blank has the code of the one before, and one with `+` belongs to no command.
 */
export function readReply(text: string): BirdReply | undefined {
  const [first = '', ...rest] = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  if (!first.startsWith(GREETING)) return undefined;
  const lines: string[] = [];
  for (const line of rest.filter((each) => each !== '' && !each.startsWith('+'))) {
    if (line.startsWith(' ')) lines.push(line.slice(1));
    else {
      lines.push(textOf(line));
      if (line[CODE_LENGTH] !== '-')
        return { greeting: textOf(first), code: Number(line.slice(0, CODE_LENGTH)), lines };
    }
  }
  return undefined;
}

const textOf = (line: string): string => line.slice(CODE_LENGTH + 1);

/** Whether BIRD did what it was told. */
export const isDone = ({ code }: BirdReply): boolean => code < 8_000;

/** Why BIRD does not answer: no process has the socket, one has it but says nothing, or it may not be asked. */
export type Silence = 'absent' | 'silent' | 'forbidden';
