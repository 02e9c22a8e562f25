import type { JournalEntry } from '../../ipam/journal/journal-entry.ts';
import type { Finding } from './finding.ts';

/**
 * Marks the findings that an entry in this node's journal explains: the container was deleted while the datastore could not be
 * reached, and the plugin's next call completes it.
 */
export function withWaitingReleases(
  findings: readonly Finding[],
  journal: readonly JournalEntry[],
  cluster: string,
): readonly Finding[] {
  const waiting = new Set(
    journal.filter(({ store }) => store.cluster === cluster).map(({ containerID }) => containerID),
  );
  return findings.map((finding) =>
    finding.kind === 'no-veth' && waiting.has(finding.container ?? '')
      ? { ...finding, kind: 'release-waits' }
      : finding,
  );
}
