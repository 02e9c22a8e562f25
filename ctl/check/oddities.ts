import type { Scan } from '../../shared/datastore/datastore.ts';
import type { Entry } from '../../shared/datastore/query.ts';
import { textOf } from '../../shared/datastore/ref.ts';
import { asSeen, type Finding } from './finding.ts';

/** A scan whose objects are looked at for how they are stored, and what was found so far. */
export interface OddityScan {
  readonly scan: Scan;
  findings(): readonly Finding[];
}

/** Reports oddly stored objects, and leaves out of the scan those that count as deleted. */
export function noticingOddities(scan: Scan): OddityScan {
  const findings: Finding[] = [];
  const notice = (entry: Entry): boolean => {
    if (entry.oddity === undefined) return true;
    findings.push(findingOf(entry));
    return entry.oddity !== 'half deleted';
  };
  return {
    scan: {
      ...scan,
      async *pages(list, size) {
        for await (const page of scan.pages(list, size)) yield page.filter(notice);
      },
    },
    findings: () => findings,
  };
}

function findingOf(entry: Entry): Finding {
  const seen = [asSeen(entry)];
  if (entry.oddity === 'half deleted')
    return { kind: 'half-deleted', text: `${entry.at}: marked as deleted, but not removed`, seen };
  return { kind: 'unlabelled', text: `${textOf(entry.ref)}: lacks the labels that nodes search for`, seen };
}
