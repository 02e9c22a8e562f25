import { chainsBandwidth } from '../../shared/cni/chain.ts';
import type { Finding } from './finding.ts';

/** A network configuration of this node. */
export interface ConfList {
  readonly path: string;
  readonly text: string;
}

/** Lists for which Felix removes the limits of their pods. */
export const chainedShapers = (lists: readonly ConfList[], felixRuns: boolean): readonly Finding[] =>
  lists
    .filter(({ text }) => felixRuns && chainsBandwidth(text))
    .map(({ path }) => ({
      kind: 'two-shapers',
      text: `${path} chains the plugin bandwidth behind calico, and Felix runs here`,
      seen: [],
    }));
