import { holdsPem } from '../../shared/net/pem.ts';
import type { TextFile } from './findings.ts';

/** Certificates to install, and what is wrong with those that are there now. */
interface KeptCertificates {
  readonly certificates: readonly TextFile[];
  readonly problems: readonly string[];
}

/** The certificates there are now, and in place of one that is gone or damaged, the one that was there before: pods need it. */
export function keptCertificates(before: readonly TextFile[] | undefined, now: readonly TextFile[]): KeptCertificates {
  // For the plan to refuse.
  if (before === undefined) return { certificates: now, problems: [] };
  const usable = now.filter(({ text }) => holdsPem(text));
  const kept = before.filter(({ name }) => !usable.some((each) => each.name === name));
  return {
    certificates: [...usable, ...kept],
    problems: kept.map(({ path }) => `${path} is gone or holds no PEM data: the node keeps the last one`),
  };
}
