import { asObject } from '../calico/stored.ts';

/**
 * What the calls of a host leave for the next one: which blocks it will need, and how they were last written. It may be wrong
 * in any way. It only says what to read early; and what is changed because of it is compared in the commit like anything else.
 */
export interface Hint {
  /** The cluster and node that it is about. */
  readonly cluster: string;
  readonly node: string;
  /** Changes with every commit that does more than change addresses in existing blocks. */
  readonly shape: string;
  /** CIDRs of the blocks that the node claims. */
  readonly own: readonly string[];
  /** Blocks as last written, newest first. */
  readonly passed: readonly PassedBlock[];
  /** Which containers have an address in which block, as text (containers.ts). */
  readonly containers: string;
}

/** A block as it was written, in the words of its datastore's adapter. */
export interface PassedBlock {
  readonly cidr: string;
  readonly text: string;
}

/** The first line. A later format has another number. */
const FORMAT = 'calico hint 1';
/** The last line: without it the file is not complete. */
const END = 'end';
const LINES_AROUND = 4;

/** A hint as the text of a file: lines, so that most of it need not be parsed. */
export function hintText({ passed, containers, ...about }: Hint): string {
  const header = JSON.stringify({ ...about, passed: passed.map(({ cidr }) => cidr) });
  return [FORMAT, header, containers, ...passed.map(({ text }) => text), END].join('\n');
}

/** The hint in a text; undefined when it is not exactly one. */
export function readHint(text: string): Hint | undefined {
  const lines = text.split('\n');
  const [format, header = '', containers = '', ...rest] = lines;
  if (format !== FORMAT || rest.at(-1) !== END) return undefined;
  const { cluster, node, shape, own, passed } = parsed(header) ?? {};
  if (typeof cluster !== 'string' || typeof node !== 'string' || typeof shape !== 'string') return undefined;
  if (!isTexts(own) || !isTexts(passed) || passed.length !== lines.length - LINES_AROUND) return undefined;
  return { cluster, node, shape, own, passed: passed.map((cidr, at) => ({ cidr, text: rest[at] ?? '' })), containers };
}

function parsed(header: string): ReturnType<typeof asObject> {
  try {
    return asObject(JSON.parse(header));
  } catch {
    return undefined;
  }
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'string');
