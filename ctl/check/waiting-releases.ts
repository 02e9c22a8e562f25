import type { JournalEntry } from '../../ipam/journal/journal-entry.ts';
import type { Finding } from './finding.ts';

/**
 * The findings with those told apart that a release on this node's record explains: the container was deleted while etcd was
 * out of reach, and the plugin's next call does the rest.
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
