import type { StateText } from './state-text.ts';

/** Which part is to run. */
export type PartStart = { readonly part: 'forwarding' | 'tunnels' } | BirdStart;

interface BirdStart {
  readonly part: 'bird';
  readonly socket?: string;
  readonly configuration?: string;
  /** By `SECRET/KEY`. */
  readonly passwords?: Readonly<Record<string, string>>;
}

/** What a test has a part do. */
export type PartOrder = { readonly apply: StateText } | { readonly check: true } | { readonly stop: 'clean' | 'leave' };

/** What came of it: the part's lines, or what it failed with. */
export interface PartAnswer {
  readonly lines: readonly string[];
  readonly problem?: string | undefined;
  readonly failed?: string;
  readonly milliseconds: number;
}
