import { type Chance, pick } from '../support/inputs/chance.ts';
import type { Nodes, Way } from './nodes.ts';

/** How a call is made, whatever its purpose. */
export interface How extends Way {
  /** Milliseconds until it is killed. Undefined if it is not. */
  readonly killAfter: number | undefined;
}

/** How often a call is killed. */
const KILLED = 0.1;

/** Undisturbed, in the usual way. */
export const plainly = ({ ways: [usual] }: Nodes): How => ({ ...usual, killAfter: undefined });

/** Random: killed or not, in one of the ways. */
export function drawHow(random: Chance, { ways, longestMs }: Nodes): How {
  const killAfter = random() < KILLED ? random() * longestMs : undefined;
  return { ...pick(random, ways), killAfter };
}
