import { stringifyJson } from '../../shared/calico/json.ts';
import { asObject, objectOrNothing } from '../../shared/calico/stored.ts';
import type { Ref, RefKind } from '../../shared/datastore/ref.ts';
import { failure } from '../../shared/error/failure.ts';
import { refOfText, refText } from '../check/ref-text.ts';
import { KINDS } from '../kinds/kinds.ts';

/** The first line of an exported file: what it is, and of which cluster. */
export interface ExportHead {
  readonly version: string;
  readonly clusterGUID: string;
  readonly revision: string;
}

/** An exported object: JSON of Calico's model, as etcd stores it. */
export interface Exported {
  readonly ref: Ref;
  readonly value: string;
}

const FORMAT = 'calico datastore export 1';

/** What belongs to address management, in the order in which it is written: a claim is there before its block. */
const IPAM: readonly RefKind[] = ['ipamConfig', 'affinity', 'block', 'handle'];
/** Written after everything that they refer to. */
const LAST: readonly RefKind[] = ['Profile', 'WorkloadEndpoint'];
/** Refused or replaced by another kind wherever they are. */
const NEVER: readonly RefKind[] = ['BlockAffinity'];

/** The kinds of an export, in the order in which they are written. */
export const EXPORTED_KINDS: readonly Exclude<RefKind, 'unknown'>[] = (() => {
  const resources: readonly RefKind[] = KINDS.map(({ name }) => name);
  const first: readonly RefKind[] = ['ClusterInformation', 'Tier', 'IPPool', 'IPReservation'];
  const others = resources.filter((kind) => ![...first, ...IPAM, ...LAST, ...NEVER].includes(kind));
  return [...first, ...others, ...IPAM, ...LAST].filter((kind) => kind !== 'unknown');
})();

export const headLine = (head: ExportHead): string => `${JSON.stringify({ format: FORMAT, ...head })}\n`;

export const exportLine = ({ ref, value }: Exported): string =>
  `{"ref":${JSON.stringify(refText(ref))},"value":${value}}\n`;

/** The last line of a file: without it the export was interrupted. */
export const endLine = (objects: number): string => `${JSON.stringify({ end: objects })}\n`;

/** The head of a file; throws a Failure naming the file. */
export function readHead(file: string, line: string): ExportHead {
  const fields = objectOrNothing(file, line);
  if (fields?.['format'] !== FORMAT)
    throw failure(`${file} is not an exported datastore`, 'make one with: calicoctl datastore migrate export');
  const text = (name: string) => String(fields[name] ?? '');
  return { version: text('version'), clusterGUID: text('clusterGUID'), revision: text('revision') };
}

/** The object of a further line; throws a Failure naming file and line. */
export function readLine(file: string, line: string, number: number): Exported {
  const fields = objectOrNothing(file, line);
  const ref = refOfText(String(fields?.['ref'] ?? ''));
  const value = asObject(fields?.['value']);
  if (ref === undefined || ref.kind === 'unknown' || value === undefined)
    throw failure(
      `${file}: line ${number} is not an exported object`,
      'the file is incomplete or was edited: export again',
    );
  return { ref, value: stringifyJson(value) };
}
